#!/usr/bin/python3
"""Stands in for openvpn: does on its management socket what the file `mode` beside it says."""
import os, socket, sys, time

words = sys.argv[1:]
path = words[words.index('--management') + 1]
report = words[words.index('--setenv') + 2]
mode = open(os.path.join(os.path.dirname(path), '..', '..', 'mode')).read().split()
print('stand-in', *mode, flush=True)
if mode[0] == 'ends':
    print('Options error: none of this', flush=True)
    sys.exit(1)
if mode[0] == 'deaf':
    time.sleep(1000)
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(path)
if mode[0] == 'theirs':
    os.chown(path, 65534, 65534)
server.listen(1)
client, _ = server.accept()


def say(*lines):
    for line in lines:
        client.sendall(line.encode() + b'\r\n')


def hear(word):
    text = b''
    while word not in text:
        chunk = client.recv(4096)
        if not chunk:
            sys.exit(0)
        text += chunk


if mode[0] == 'mute':
    time.sleep(1000)
if mode[0] == 'garbage':
    try:
        while True:
            client.sendall(os.urandom(65536))
    except OSError:
        time.sleep(1000)
if mode[0] == 'long':
    try:
        client.sendall(b'>INFO:hello\r\n>LOG:1,I,')
        for _ in range(160):
            client.sendall(b'x' * 65536)
        say('', '>STATE:1,CONNECTED,SUCCESS,,,,,')
    except OSError:
        pass
    time.sleep(1000)
say('>INFO:OpenVPN Management Interface Version 5', '>HOLD:Waiting for hold release:0')
if mode[0] == 'greeted':
    sys.exit(3)
hear(b'hold release')
if mode[0] == 'released':
    sys.exit(3)
say('>UNKNOWN:what', 'also unknown', '>STATE:x,y', '>STATE:1,WAIT,,,,,,', '>PASSWORD:Auth-Token:secret-token')
if mode[0] == 'waiting':
    sys.exit(3)
if mode[0] == 'closes':
    with open(report, 'wb') as file:
        file.write(b'ifconfig_local=10.7.0.9\0ifconfig_netmask=255.255.255.0\0')
if mode[0] == 'hostile':
    pairs = {
        'ifconfig_local': '10.7.0.2', 'ifconfig_netmask': '255.255.255.0', 'tun_mtu': '1500; reboot',
        'trusted_ip': '$(touch /tmp/pwned)', 'dev': '../../etc/passwd', 'PATH': '/tmp', 'LD_PRELOAD': '/tmp/x.so',
        'route_network_1': '10.99.0.0', 'route_netmask_1': '255.0.255.0', 'route_network_2': '-force',
        'route_network_3': '10.98.0.0', 'route_netmask_3': '255.255.0.0', 'route_gateway_3': '10.7.0.1\naddress add',
        'foreign_option_1': 'dhcp-option DNS 10.7.0.53;x', 'foreign_option_2': 'dhcp-option DOMAIN a..b/$(x)',
        'foreign_option_3': 'dhcp-option DNS 10.7.0.54', 'foreign_option_4': 'dhcp-option DOMAIN-SEARCH good.example',
    }
    with open(report, 'wb') as file:
        file.write(b'\0'.join(f'{name}={value}'.encode() for name, value in pairs.items()) + b'\0nonsense\0')
say('>STATE:1,CONNECTED,SUCCESS,10.7.0.2,10.5.0.1,1195,,')
if mode[0] == 'closes':
    time.sleep(1)
    client.close()
    server.close()
    os.unlink(path)
time.sleep(1000)
