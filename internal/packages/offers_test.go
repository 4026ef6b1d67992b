package packages

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadOffers: the answer of a node in, what is known of its package lists out.
func TestReadOffers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         Offers
		err          string // contained in the error
	}{
		{"all there", "done\n", Offers{Unknown: map[string]string{}}, ""},
		{"a slip", "what ngnix\nnear ng-utils\nnear nginx\ndone\n", Offers{Unknown: map[string]string{"ngnix": "nginx"}}, ""},
		{"nothing like it", "stale\nwhat ngnix\nnear nagios4-core\nwhat pcs\ndone\n", Offers{Stale: true, Unknown: map[string]string{"ngnix": "", "pcs": ""}}, ""},
		{"no lists", "none\ndone\n", Offers{NoLists: true, Unknown: map[string]string{}}, ""},
		{"cut off", "what ngnix\n", Offers{}, "not whole"},
		{"no answer", "", Offers{}, "not whole"},
		{"something else", "E: what is that\ndone\n", Offers{}, `something else: "E:"`},
		{"of what nobody asked", "what rm\ndone\n", Offers{}, `something else: "what"`},
		{"a name that is none", "what ngnix\nnear \x1b[2J\ndone\n", Offers{}, `something else: "near"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadOffers(c.answer, []string{"ngnix", "pcs", "corosync"})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v", err)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// TestOffersScript: what dnf, yum and zypper say of names, without a download.
func TestOffersScript(t *testing.T) {
	const zypperTable = "S | Name | Summary | Type\n--+------+---------+--------\n"
	for _, c := range []struct {
		name string
		m    Manager
		tool string
		body string
		want string
	}{
		{"dnf knows both", dnf{}, "dnf", `printf 'Available Packages\npacemaker.x86_64 2.1.7-5.el9 highavailability\nnginx.x86_64 1.20 appstream\n'`, "stale\ndone\n"},
		{"dnf knows one", dnf{}, "dnf", `case "$*" in
"-q -C list pacemaker nginx") printf 'Available Packages\nnginx.x86_64 1.20 appstream\n' ;;
"-q -C list pac*") printf 'packit.noarch 1 appstream\n' ;; *) exit 9 ;; esac`, "stale\nwhat pacemaker\nnear packit\ndone\n"},
		{"yum knows none", dnf{}, "yum", `echo 'Error: No matching Packages to list' >&2; exit 1`, "stale\nwhat pacemaker\nwhat nginx\ndone\n"},
		{"dnf has no lists", dnf{}, "dnf", `echo "Error: Cache-only enabled but no cache for 'baseos'" >&2; exit 1`, "none\ndone\n"},
		{"zypper knows one", zypper{}, "zypper", `case "$*" in
*" --match-exact -- pacemaker nginx") printf '` + zypperTable + `  | nginx | A web server | package\n' ;;
*) printf '` + zypperTable + `  | packer | Words | package\n' ;; esac`, "stale\nwhat pacemaker\nnear packer\ndone\n"},
		{"zypper knows none", zypper{}, "zypper", `exit 104`, "stale\nwhat pacemaker\nwhat nginx\ndone\n"},
		{"zypper has no repositories", zypper{}, "zypper", `exit 6`, "none\ndone\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newFakeNode(t, map[string]string{c.tool: c.body})
			if diff := cmp.Diff(c.want, n.run(c.m, "offers", "pacemaker", "nginx")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
