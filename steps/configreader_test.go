package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/remote"
	"github.com/hadeploy/hadeploy/inventory"
)

// answered is what a node tells of Pacemaker's state and its CIB, with no errors.
func answered(state, text string) string {
	var b strings.Builder
	for _, f := range [][2]string{{"cib-file", "present\n"}, {"cib", "ActiveState=" + state + "\n" + text}, {"agents", "no ocf:x:absent\n"}} {
		fmt.Fprintf(&b, "\n@MARK begin %s 65536\n%s\n@MARK end %[1]s 0\n", f[0], f[1])
	}
	return b.String() + "\n@MARK done\n"
}

func liveCIB(cluster, epoch string) string {
	return answered("active", `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="`+epoch+`" num_updates="0" admin_epoch="0"><configuration>
<crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="n" name="cluster-name" value="`+cluster+`"/></cluster_property_set></crm_config></configuration></cib>`)
}

// TestConfigReader: what is read is the cluster's; what is not known of it is an
// error, and a node that is away is named.
func TestConfigReader(t *testing.T) {
	down := answered("inactive", "absent\n")
	for _, c := range []struct {
		name   string
		nodes  []remote.Conn
		epoch  string // what is read; empty: an error
		unread string
		err    string
	}{
		{"two that agree", []remote.Conn{&replayed{list: liveCIB("web", "4")}, &replayed{list: liveCIB("web", "4")}}, "0.4", "", ""},
		{"one is away", []remote.Conn{nil, &replayed{list: liveCIB("web", "4")}}, "0.4", "n1", ""},
		{"one is down", []remote.Conn{&replayed{list: down}, &replayed{list: liveCIB("web", "4")}}, "0.4", "", ""},
		{"all are away", []remote.Conn{nil, nil}, "", "", "n1: cannot be reached"},
		{"all are down", []remote.Conn{&replayed{list: down}}, "", "", "Pacemaker runs on none of n1"},
		{"down and away", []remote.Conn{&replayed{list: down}, nil}, "", "", "n2: cannot be reached"},
		{"of two clusters", []remote.Conn{&replayed{list: liveCIB("web", "4")}, &replayed{list: liveCIB("db", "4")}}, "", "", `n1 is of the cluster "web", and n2 of "db"`},
		{"one stays behind", []remote.Conn{&replayed{list: liveCIB("web", "4")}, &replayed{list: liveCIB("web", "5")}}, "", "", "its CIB is at version 0.5, and that of n1 at 0.4"},
		{"an answer that ends early", []remote.Conn{&replayed{list: "\n@MARK begin cib-file 64\n"}}, "", "", "n1: "},
		{"no CIB", []remote.Conn{&replayed{list: answered("active", "<html/>")}}, "", "", "something else than a CIB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Forks: 2}
			for i := range c.nodes {
				cfg.Nodes = append(cfg.Nodes, inventory.Node{Name: fmt.Sprintf("n%d", i+1)})
			}
			cfg.Dial = func(_ context.Context, n inventory.Node) (remote.Conn, error) {
				if conn := c.nodes[n.Name[1]-'1']; conn != nil {
					return conn, nil
				}
				return nil, errors.New(n.Name + ": cannot be reached")
			}
			r, err := NewConfigReader("web", cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Close)
			got, err := r.Read(t.Context(), []string{"ocf:x:absent"})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			unread := ""
			if len(got.Unread) > 0 {
				unread = got.Unread[0].Node
			}
			if got.CIB.Epoch() != c.epoch || unread != c.unread || len(got.Unread) > 1 || len(got.Agents) > 0 {
				t.Errorf("got %s, %v, %v", got.CIB.Epoch(), got.Unread, got.Agents)
			}
		})
	}
}
