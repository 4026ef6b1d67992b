package packages

import (
	"slices"
	"strings"
	"testing"
)

func TestReadOwners(t *testing.T) {
	o, err := ReadOwners(strings.ReplaceAll(`unit!nginx.service!/lib/systemd/system/nginx.service!/usr/sbin/nginx
unit!own.service!/etc/systemd/system/own.service!/usr/local/bin/own
unit!py.service!/usr/lib/systemd/system/py.service!/usr/bin/python3
beside!nginx.service!/etc/nginx/conf.d/a b.conf
owner!nginx: /usr/sbin/nginx
owner!nginx-common: /usr/lib/systemd/system/nginx.service
owner!py-app:amd64, other: /lib/systemd/system/py.service
owner!python3-minimal: /usr/bin/python3
needs!nginx!dpkg (>= 1.2), nginx-common (= 1.22) | x, libc6:any
needs!py-app!, python3
needs!python3-minimal!, libc6
done
`, "!", "\t"), []string{"nginx.service", "own.service", "py.service"})
	if err != nil {
		t.Fatal(err)
	}
	for unit, want := range map[string]string{"nginx.service": "nginx", "own.service": "", "py.service": "py-app"} {
		if got := o.OfUnit(unit); got != want {
			t.Errorf("%s needs %q, not %q", unit, got, want)
		}
	}
	if got := o.Of("/usr/lib/systemd/system/py.service"); got != "py-app" {
		t.Errorf("got %q", got)
	}
	if !o.Needed("nginx-common", []string{"py-app", "nginx"}) || o.Needed("nginx", []string{"nginx", "py-app"}) {
		t.Error("what packages need is not what they tell")
	}
	if got := o.Beside["nginx.service"]; !slices.Equal(got, []string{"/etc/nginx/conf.d/a b.conf"}) {
		t.Errorf("got %q", got)
	}
}

// TestReadOwnersBroken: an answer that is not whole, or says that something could
// not be asked, is no answer.
func TestReadOwnersBroken(t *testing.T) {
	for _, c := range []struct{ answer, want string }{
		{"", "not whole"},
		{"owner\tnginx: /usr/sbin/nginx\n", "not whole"},
		{"fault\tdpkg-query -S\ndone\n", `"dpkg-query -S" failed`},
		{"done\n", "nothing is told of the unit a.service"},
		{"rubbish\ndone\n", "something else"},
		{"owner\tno path\ndone\n", "is told as"},
		{"unit\tb.service\t/x\t/y\ndone\n", "something else"},
	} {
		if _, err := ReadOwners(c.answer, []string{"a.service"}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, not %q", c.answer, err, c.want)
		}
	}
}
