package cib

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnits(t *testing.T) {
	c, err := Parse([]byte(strings.Replace(emptyCIB, "<resources/>", `<resources>
<template id="t" class="service" type="chrony"/>
<primitive id="web" class="systemd" type="nginx"/>
<primitive id="web2" class="systemd" type="nginx.service"/>
<group id="g"><primitive id="sysv" class="lsb" type="nginx"/><primitive id="timer" class="systemd" type="backup.timer"/></group>
<clone id="c"><primitive id="cloned" class="systemd" type="app@1"/></clone>
<clone id="gc"><group id="gg"><primitive id="from-template" template="t"/></group></clone>
<bundle id="b"><podman image="x"/><primitive id="inside" class="systemd" type="nginx"/></bundle>
<primitive id="ocf" class="ocf" provider="heartbeat" type="nginx"/>
</resources>`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"nginx.service": {"web", "web2", "sysv"}, "backup.timer": {"timer"}, "app@1.service": {"cloned"}, "chrony.service": {"from-template"}}
	if d := cmp.Diff(want, c.Units()); d != "" {
		t.Error(d)
	}
}

func TestLastWritten(t *testing.T) {
	long := strings.Repeat("é", 200)
	c, err := Parse([]byte(strings.Replace(emptyCIB, "<cib ", `<cib update-user="root" update-client="cibadmin" update-origin="`+long+`" cib-last-written="Thu Nov 26 20:00:00 2026" `, 1)))
	if err != nil {
		t.Fatal(err)
	}
	got := c.LastWritten()
	if want := (Written{"root", "cibadmin", strings.Repeat("é", 98) + "...", "Thu Nov 26 20:00:00 2026"}); got != want {
		t.Errorf("%+v", got)
	}
	if c, _ := Parse([]byte(emptyCIB)); c.LastWritten() != (Written{}) {
		t.Errorf("%+v", c.LastWritten())
	}
}
