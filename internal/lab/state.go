package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Phases of a lab's life.
const (
	phaseCreating = "creating"
	phaseReady    = "ready"
)

// State is what is known of one lab; it lives as lab.json in the state folder
// and, for readers, in the user's folder.
type State struct {
	Name         string    `json:"name"`
	Dir          string    `json:"dir"`
	Image        string    `json:"image"`
	Preinstalled bool      `json:"preinstalled"`
	Links        int       `json:"links"`
	Slot         int       `json:"slot"`
	Networks     []string  `json:"networks"` // management first, then link 0, 1, ... in CIDR
	FreeFirst    string    `json:"free_first"`
	FreeLast     string    `json:"free_last"` // addresses on link 0 for floating addresses
	Created      time.Time `json:"created"`
	Phase        string    `json:"phase"`
	BootID       string    `json:"boot_id"`
	// Owner is the process with which the lab ends: the maker while it is being
	// made, later only a process that the user named.
	Owner *Process `json:"owner,omitempty"`
	// Layers are the read-only file trees under each node's disk, top first.
	Layers []string    `json:"layers"`
	Repo   string      `json:"repo"`
	Nodes  []NodeState `json:"nodes"`
}

// NodeState is what is known of one node.
type NodeState struct {
	Name      string   `json:"name"`
	Address   string   `json:"address"` // management network, for ssh
	LinkAddrs []string `json:"links"`
	Powered   bool     `json:"powered"`
	Guard     *Process `json:"guard,omitempty"` // see boot
	Cut       []int    `json:"cut,omitempty"`   // links that were taken down
}

// paths are the machine-level places of all labs.
type paths struct {
	state string // disks and lab.json of every lab; must survive a controller
	cache string // images
	run   string // locks and the allocation of networks; must be one per machine
}

func defaultPaths() paths {
	p := paths{state: "/var/lib/hadeploy/lab", cache: "/var/cache/hadeploy/lab", run: "/run/hadeploy-lab"}
	if d := os.Getenv("HADEPLOY_LAB_STATE"); d != "" {
		p.state = d
	}
	if d := os.Getenv("HADEPLOY_LAB_CACHE"); d != "" {
		p.cache = d
	}
	return p
}

func (p paths) lab(name string) string        { return filepath.Join(p.state, name) }
func (p paths) node(name, node string) string { return filepath.Join(p.state, name, node) }

// console is where a node's boot messages go.
func (p paths) console(name, node string) string {
	return filepath.Join(p.node(name, node), "console.log")
}

// read loads the state of a lab; fs.ErrNotExist when there is none.
func (p paths) read(name string) (*State, error) {
	data, err := os.ReadFile(filepath.Join(p.lab(name), "lab.json"))
	if err != nil {
		return nil, err
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(p.lab(name), "lab.json"), err)
	}
	return &s, nil
}

// write stores the state, whole or not at all.
func (p paths) write(s *State) error {
	if err := writeJSON(filepath.Join(p.lab(s.Name), "lab.json"), s); err != nil {
		return err
	}
	return writeJSON(filepath.Join(s.Dir, fileState), s)
}

// names lists every lab that has a state folder on this machine.
func (p paths) names() ([]string, error) {
	entries, err := os.ReadDir(p.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && validName.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, err
}

// abandoned reports whether the process with which this lab should have ended
// has ended, and says how in words.
func (s *State) abandoned() (string, bool) {
	switch {
	case s.Phase == phaseCreating && (s.Owner == nil || !s.Owner.Alive()):
		return "its making was cut short", true
	case s.Owner != nil && !s.Owner.Alive():
		return fmt.Sprintf("its owner, process %d, has ended", s.Owner.PID), true
	case s.BootID != bootID():
		return "this machine was restarted since", true
	}
	return "", false
}

func (s *State) node(name string) (*NodeState, error) {
	for i := range s.Nodes {
		if s.Nodes[i].Name == name {
			return &s.Nodes[i], nil
		}
	}
	return nil, fmt.Errorf("lab %s has no node %q; it has %s to %s", s.Name, name, s.Nodes[0].Name, s.Nodes[len(s.Nodes)-1].Name)
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeAtomic(path, append(data, '\n'), 0o644)
}

// writeAtomic replaces path in one step.
func writeAtomic(path string, data []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(data); err == nil {
		err = tmp.Chmod(mode)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
