import { chmodSync } from 'node:fs';
import type { Ground } from './ground.ts';

interface StandIn {
  /** The command of which it dies. */
  dies?: string;
  mute?: boolean;
  /** What it tells when its network is enabled. */
  says?: readonly string[];
  /** Between answers and messages as they should be. */
  garbage?: boolean;
}

/** A program in the place of wpa_supplicant, for what the real one cannot be made to do. Returns its path. */
export function standIn(
  ground: Ground,
  { dies = '', mute = false, garbage = false, says = [] }: StandIn,
): string {
  const path = ground.folder.write(
    'stand-in',
    `#!/usr/bin/env python3
import os, random, signal, socket, sys, time
dies, mute, garbage = ${JSON.stringify(dies)}, ${mute ? 'True' : 'False'}, ${garbage ? 'True' : 'False'}
says = ${JSON.stringify(says)}
argv = sys.argv[1:]
directory = argv[argv.index('-C') + 1]
path = os.path.join(directory, argv[argv.index('-i') + 1])
os.makedirs(directory, exist_ok=True)
try: os.unlink(path)
except OSError: pass
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 32, 32 << 20) # SO_SNDBUFFORCE
s.bind(path)
def end(*_):
    os.unlink(path)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
random.seed(7)
connected = False
def say(text, to):
    try: s.sendto(text, to)
    except OSError: pass
def rubbish(to):
    for text in [b'', b'<', b'<3>', b'<99999999>CTRL-EVENT-CONNECTED', b'<3>CTRL-EVENT-CONNECTED - Connection to nobody completed [id=0 id_str=]',
                 b'<3>CTRL-EVENT-DISCONNECTED bssid=zz reason=9999999999999', b'<3>CTRL-EVENT-SIGNAL-CHANGE above=x signal=y',
                 b'<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="\\xff" auth_failures=1 duration=10 reason=lower',
                 b'<3>' + b'A' * (10 << 20), b'<3>CTRL-EVENT-CONNECTED - Connection to 01:80:c2:00:00:03 completed [id=0 id_str=' + b'x' * (10 << 20) + b']',
                 b'<3>' + bytes(random.randrange(256) for _ in range(4000))]:
        if text.startswith(b'<'): say(text, to)
while True:
    command, sender = s.recvfrom(65536)
    word = command.split(b' ')[0].decode('latin1')
    if word == dies:
        # As when it is killed: its socket stays.
        os._exit(1)
    if mute: continue
    if garbage: rubbish(sender)
    if word == 'PING': say(b'PONG\\n', sender)
    elif word == 'ADD_NETWORK': say(b'0\\n', sender)
    elif word == 'STATUS':
        state = b'COMPLETED' if connected else b'SCANNING'
        say(b'bssid=01:80:c2:00:00:03\\nssid=\\x1b[2J\\xff\\nid_str=$(reboot)\\nwpa_state=' + state + b'\\nrubbish\\n=\\n\\xff\\x00', sender)
    else: say(b'OK\\n', sender)
    if word == 'ENABLE_NETWORK':
        for text in says: say(text.encode(), sender)
    if word == 'ENABLE_NETWORK' and garbage:
        connected = True
        for _ in range(3): rubbish(sender)
`,
  );
  chmodSync(path, 0o755);
  return path;
}
