package remote

import (
	"fmt"
	"testing"
)

func TestResolve(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	config := write(t, "config", `Host alias
  HostName %h.example.org
  User someone
  Port 2222
  IdentityFile "~/.ssh/%r-key"
  IdentitiesOnly yes
  HostKeyAlias pinned-name
  ProxyJump a@j1:1022,[2001:db8::1]:2200
Host *.bad
  Port http
Host *
  User fallback
`)
	d := &Dialer{ConfigFile: config}
	got, err := d.resolve(Settings{Name: "n1", Host: "alias"})
	if err != nil {
		t.Fatal(err)
	}
	if got.addr != "alias.example.org:2222" || got.user != "someone" || got.pinName != "pinned-name:22" || !got.onlyThese ||
		fmt.Sprint(got.identities) != "["+home+"/.ssh/someone-key]" || fmt.Sprint(got.hops) != "[{a j1 1022} { 2001:db8::1 2200}]" ||
		fmt.Sprint(got.knownHosts) != "["+home+"/.ssh/known_hosts /etc/ssh/ssh_known_hosts]" || got.mustExist {
		t.Errorf("got %+v", got)
	}
	// What the inventory says goes first.
	got, err = d.resolve(Settings{Name: "n1", Host: "alias", User: "root", Port: 22, IdentityFiles: []string{"/k"}, KnownHosts: []string{"/kh"}, ProxyJump: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if got.addr != "alias.example.org:22" || got.user != "root" || fmt.Sprint(got.identities, got.knownHosts, len(got.hops)) != "[/k] [/kh] 0" {
		t.Errorf("got %+v", got)
	}
	got, err = d.resolve(Settings{Host: "fe80::1"})
	if err != nil || got.addr != "[fe80::1]:22" || got.user != "fallback" || len(got.identities) != 3 || got.node != "fe80::1" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, s := range []Settings{{Host: "x.bad"}, {Host: "-oProxyCommand=x"}, {Host: "a b"}, {Host: ""}, {Host: "h", ProxyJump: "a,,b"}, {Host: "h", ProxyJump: "a:99999"}} {
		if got, err := d.resolve(s); err == nil {
			t.Errorf("%+v is taken: %+v", s, got)
		}
	}
}
