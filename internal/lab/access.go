package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"gopkg.in/yaml.v3"
)

// Files in the user's folder.
const (
	fileInventory  = "inventory.yaml"
	fileKey        = "id_ed25519"
	fileKnownHosts = "known_hosts"
	fileState      = "lab.json"
)

// userFiles is everything that a lab puts into the user's folder.
var userFiles = []string{fileInventory, fileKey, fileKey + ".pub", fileKnownHosts, fileState}

// keyPair is an SSH key: the private half as OpenSSH's PEM, the public half as
// a line of authorized_keys without comment.
type keyPair struct {
	kind    string // as in ssh_host_KIND_key
	private []byte
	public  string
}

func makeKey(kind, comment string) (keyPair, error) {
	var key crypto.Signer
	var err error
	switch kind {
	case "ed25519":
		_, k, e := ed25519.GenerateKey(rand.Reader)
		key, err = k, e
	case "ecdsa":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		// 2048 bits: a tenth of the time of 3072, for keys that live as long as a lab.
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		return keyPair{}, fmt.Errorf("unknown key type %q", kind)
	}
	if err != nil {
		return keyPair{}, err
	}
	block, err := ssh.MarshalPrivateKey(key, comment)
	if err != nil {
		return keyPair{}, err
	}
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{kind, pem.EncodeToMemory(block), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))}, nil
}

// hostKeyKinds are the types that Debian's own ssh-keygen -A makes.
var hostKeyKinds = []string{"rsa", "ecdsa", "ed25519"}

// makeHostKeys makes the keys of every node, all at once: [node][kind].
func makeHostKeys(s *State) ([][]keyPair, error) {
	keys := make([][]keyPair, len(s.Nodes))
	errs := make([]error, len(s.Nodes))
	var wg sync.WaitGroup
	for i := range s.Nodes {
		wg.Go(func() {
			for _, kind := range hostKeyKinds {
				k, err := makeKey(kind, "root@"+s.Nodes[i].Name)
				if err != nil {
					errs[i] = err
					return
				}
				keys[i] = append(keys[i], k)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("host keys: %w", err)
		}
	}
	return keys, nil
}

// knownHosts lists every key of every node under its name and all its addresses.
func knownHosts(s *State, keys [][]keyPair) []byte {
	var b strings.Builder
	for i, n := range s.Nodes {
		names := strings.Join(append([]string{n.Address, n.Name}, n.LinkAddrs...), ",")
		for _, k := range keys[i] {
			fmt.Fprintf(&b, "%s %s\n", names, k.public)
		}
	}
	return []byte(b.String())
}

type inventoryHost struct {
	Host  string   `yaml:"ansible_host"`
	Links []string `yaml:"links,flow"`
}

// inventory is an ordinary Ansible inventory of the lab, nodes in the group
// "cluster". Paths are absolute: Ansible reads relative ones from its own
// working directory.
func inventory(s *State) ([]byte, error) {
	hosts := yaml.Node{Kind: yaml.MappingNode}
	for _, n := range s.Nodes {
		var k, v yaml.Node
		k.SetString(n.Name)
		if err := v.Encode(inventoryHost{n.Address, n.LinkAddrs}); err != nil {
			return nil, err
		}
		hosts.Content = append(hosts.Content, &k, &v)
	}
	doc := map[string]any{"all": map[string]any{
		"vars": map[string]any{
			"ansible_user":                 "root",
			"ansible_ssh_private_key_file": filepath.Join(s.Dir, fileKey),
			"ansible_ssh_common_args":      "-o UserKnownHostsFile=" + filepath.Join(s.Dir, fileKnownHosts),
		},
		"children": map[string]any{"cluster": map[string]any{"hosts": &hosts}},
	}}
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by 'hadeploy lab up'; removed by 'hadeploy lab down'.\n"+
		"# Free for floating addresses: %s to %s, in the network of link 0.\n", s.FreeFirst, s.FreeLast)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return []byte(b.String()), enc.Close()
}

// writeUserFiles fills the user's folder.
func writeUserFiles(s *State, login keyPair, hostKeys [][]keyPair) error {
	inv, err := inventory(s)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
		mode os.FileMode
	}{
		{fileKey, login.private, 0o600},
		{fileKey + ".pub", []byte(login.public + " hadeploy-lab\n"), 0o644},
		{fileKnownHosts, knownHosts(s, hostKeys), 0o644},
		{fileInventory, inv, 0o644},
	} {
		if err := writeAtomic(filepath.Join(s.Dir, f.name), f.data, f.mode); err != nil {
			return err
		}
		if err := giveToInvoker(filepath.Join(s.Dir, f.name)); err != nil {
			return err
		}
	}
	return nil
}

// giveToInvoker makes path belong to the user who called sudo, if one did: the
// key would otherwise be readable by root only, and ssh as that user fail.
func giveToInvoker(path string) error {
	uid, err1 := strconv.Atoi(os.Getenv("SUDO_UID"))
	gid, err2 := strconv.Atoi(os.Getenv("SUDO_GID"))
	if err1 != nil || err2 != nil {
		return nil //nolint:nilerr // nobody called sudo
	}
	return os.Lchown(path, uid, gid)
}
