"""Stands in for upstart or systemd on a bus: owns the name, checks what it is told, and prints it, a line of JSON a call."""
import json
import sys
import time

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib


def say(*what):
    print(json.dumps(what), flush=True)


class InvalidArgs(dbus.DBusException):
    _dbus_error_name = "com.ubuntu.Upstart.Error.InvalidArgs"


class NoSuchUnit(dbus.DBusException):
    _dbus_error_name = "org.freedesktop.systemd1.NoSuchUnit"


class Upstart(dbus.service.Object):
    @dbus.service.method("com.ubuntu.Upstart0_6", in_signature="sasb", out_signature="")
    def EmitEvent(self, name, env, wait):
        if any("=" not in entry for entry in env):
            raise InvalidArgs("Env must be KEY=VALUE pairs")
        if name == "refused":
            raise InvalidArgs("Name may not be 'refused'")
        if name == "slow":
            time.sleep(0.3)
        if name == "hangs":
            time.sleep(8)
        say(str(name), [str(entry) for entry in env], bool(wait))


class Systemd(dbus.service.Object):
    def act(self, word, unit, mode):
        if unit.startswith("netconf-nobody"):
            raise NoSuchUnit("Unit %s not found." % unit)
        say(word, str(unit), str(mode))
        return dbus.ObjectPath("/org/freedesktop/systemd1/job/1")

    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def StartUnit(self, unit, mode):
        return self.act("start", unit, mode)

    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def StopUnit(self, unit, mode):
        return self.act("stop", unit, mode)


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
kind, name, path = {
    "upstart": (Upstart, "com.ubuntu.Upstart", "/com/ubuntu/Upstart"),
    "systemd": (Systemd, "org.freedesktop.systemd1", "/org/freedesktop/systemd1"),
}[sys.argv[2]]
owned = dbus.service.BusName(name, bus, do_not_queue=True)
service = kind(bus, path)
say("ready")
GLib.MainLoop().run()
