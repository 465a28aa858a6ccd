// A host of the lab: runs in a network namespace, does what lines of JSON on its standard input say, and answers each.
import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6 } from 'node:net';
import { createInterface } from 'node:readline';

const connections = new Map();
const heard = [];
const plain = address => address?.replace(/^::ffff:/, '');

const commands = {
  /** A server that tells each client who it seems to be, and then says back what it is told. */
  listen: ({ protocol, port, address }) =>
    protocol === 'udp' ? listenUdp(port, address ?? '0.0.0.0') : listenTcp(port, address ?? '::'),
  /** Whom the servers for UDP have heard. */
  heard: async () => ({ heard }),
  ftp: ({ port, root }) => listenFtp(port, root),
  connect: options => (options.protocol === 'udp' ? connectUdp(options) : connectTcp(options)),
  say: ({ connection, text }) => say(connections.get(connection), text),
};

createInterface(process.stdin)
  .on('line', async line => {
    const { id, command, ...options } = JSON.parse(line);
    const answer = await commands[command](options).catch(error => ({ error: error.code ?? error.message }));
    process.stdout.write(`${JSON.stringify({ id, answer })}\n`);
  })
  .on('close', () => process.exit());

function listenTcp(port, address) {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => {
      const hello = {
        from: plain(socket.remoteAddress),
        to: plain(socket.localAddress),
        port: socket.localPort,
      };
      socket.on('error', () => undefined).write(`${JSON.stringify(hello)}\n`);
      socket.pipe(socket);
    });
    server.on('error', reject).listen(port, address, () => resolve({}));
  });
}

function listenUdp(port, address) {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('error', reject).on('message', (_, from) => {
      heard.push(from.address);
      socket.send(JSON.stringify({ from: from.address, port }), from.port, from.address);
    });
    socket.bind(port, address, () => resolve({}));
  });
}

function connectTcp({ host, port, from, wait = 700, keep }) {
  return new Promise(resolve => {
    const socket = connect({ host, port, ...(from && { localAddress: from }) });
    const timer = setTimeout(() => end({ error: 'timeout' }), wait);
    const end = answer => {
      clearTimeout(timer);
      if (keep === undefined || answer.error) socket.destroy();
      resolve(answer);
    };
    socket.on('error', error => end({ error: error.code }));
    socket.once('data', text => {
      if (keep !== undefined) connections.set(keep, socket);
      end(answerOf(String(text)));
    });
  });
}

/** Of our own servers what they say; of others their text. */
function answerOf(text) {
  return text.startsWith('{') ? JSON.parse(text) : { text };
}

function connectUdp({ host, port, from, wait = 500 }) {
  return new Promise(resolve => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end({ error: 'timeout' }), wait);
    const end = answer => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    socket.on('error', error => end({ error: error.code }));
    socket.on('message', text => end(JSON.parse(String(text))));
    socket.bind({ address: from }, () => socket.connect(port, host, () => socket.send('who am I?')));
  });
}

function say(socket, text) {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve({ error: 'timeout' }), 3000);
    socket.once('data', answer => {
      clearTimeout(timer);
      resolve({ text: String(answer) });
    });
    socket.write(text);
  });
}

/** As much of FTP (RFC 959) as it takes to fetch one file in passive mode. */
function listenFtp(port, text) {
  return new Promise((resolve, reject) => {
    const server = createServer(control => {
      let data;
      const answer = line => control.write(`${line}\r\n`);
      const passive = lineOf => {
        const server = createServer(socket => {
          data = socket;
          server.close();
        });
        server.listen(0, control.localAddress, () => answer(lineOf(server.address().port)));
      };
      const verbs = {
        USER: () => answer('331 password'),
        PASS: () => answer('230 in'),
        TYPE: () => answer('200 type'),
        QUIT: () => answer('221 bye'),
        PASV: () =>
          passive(at => {
            const host = plain(control.localAddress).replaceAll('.', ',');
            return `227 Entering Passive Mode (${host},${at >> 8},${at & 255}).`;
          }),
        // RFC 2428
        EPSV: () => passive(at => `229 Entering Extended Passive Mode (|||${at}|)`),
        RETR: () => {
          answer('150 here');
          const send = () =>
            data === undefined ? setTimeout(send, 5) : data.end(text, () => answer('226 done'));
          send();
        },
      };
      answer('220 ftp');
      createInterface(control).on('line', line => {
        const verb = verbs[line.split(' ')[0].toUpperCase()];
        if (verb === undefined) answer('502 no');
        else verb();
      });
      control.on('error', () => undefined);
    });
    server.on('error', reject).listen(port, '::', () => resolve({}));
  });
}
