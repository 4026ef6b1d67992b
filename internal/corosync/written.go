package corosync

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Written is the record of the settings that this program put into a
// corosync.conf because a playbook declared them: only these may it take out
// again when they are no longer declared. It is kept beside the file and not in
// it, since pcs drops comments when it rewrites a corosync.conf.
type Written map[string]string // totem.join, totem.interface[1].knet_link_priority -> value

const writtenFormat = 1

type writtenFile struct {
	Format int               `json:"format"`
	Wrote  map[string]string `json:"wrote"`
}

// ParseWritten reads a record.
func ParseWritten(text []byte) (Written, error) {
	var f writtenFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("it cannot be read as JSON: %w", err)
	}
	if f.Format != writtenFormat {
		return nil, fmt.Errorf("it has the format %d, and this release knows %d", f.Format, writtenFormat)
	}
	if f.Wrote == nil {
		return nil, errors.New("it says nothing of what was written")
	}
	return f.Wrote, nil
}

// Bytes is the record as a file.
func (w Written) Bytes() []byte {
	b, _ := json.MarshalIndent(writtenFile{writtenFormat, w}, "", "  ") // of strings: it cannot fail
	return append(b, '\n')
}

// Forget is live without the settings that the records, those of all members,
// say were written, that still have the value that was written, and that want no
// longer declares. What a person has changed since is theirs.
func Forget(live, want *Config, records ...Written) *Config {
	declared := want.recordable()
	out := live.clone()
	now := out.recordable()
	for _, record := range records {
		for path, value := range record {
			at, there := now[path]
			if _, still := declared[path]; there && !still && same(at.name, at.text, value) {
				out.unset(path)
			}
		}
	}
	return out
}

// Record is what is known to be written once next, made of live and want, is in
// place: what live did not have so, and what was written before and stays.
func Record(live, next, want *Config, records ...Written) Written {
	before := map[string]value{}
	if live != nil {
		before = live.recordable()
	}
	after := next.recordable()
	out := Written{}
	for path := range want.recordable() {
		v, there := after[path]
		if !there {
			continue // it has the same effect to leave it out
		}
		old, had := before[path]
		ours := !had || !same(v.name, old.text, v.text) || slices.ContainsFunc(records, func(w Written) bool {
			wrote, known := w[path]
			return known && same(v.name, wrote, v.text)
		})
		if ours {
			out[path] = v.text
		}
	}
	return out
}

// recordable are the settings that a playbook can declare and cease to declare,
// by their path: those of totem, its links, and quorum. Not among them are what
// a cluster cannot be without, what follows from its members, and encryption,
// which is never switched off by leaving it out.
func (c *Config) recordable() map[string]value {
	out := map[string]value{}
	for _, v := range c.values() {
		in, _ := split(v.path)
		link := strings.HasPrefix(in, "totem.interface[")
		if link || (in == "totem" || in == "quorum") && !unforgettable[v.name] {
			out[v.path] = v
		}
	}
	return out
}

var unforgettable = set("version", "cluster_name", "cluster_uuid", "transport", "key", "keyfile", "secauth",
	"crypto_cipher", "crypto_hash", "crypto_model", "provider", "two_node", "expected_votes")

// unset removes a setting by its path, and the section of a link that has no
// other.
func (c *Config) unset(path string) {
	in, name := split(path)
	top := []*section{&c.root}
	number, ofLink := strings.CutPrefix(in, "totem.interface[")
	if !ofLink {
		unsetIn(children(top, in), name)
		return
	}
	number = strings.TrimSuffix(number, "]")
	for _, totem := range children(top, "totem") {
		for _, s := range children([]*section{totem}, "interface") {
			if s.link() == number {
				unsetIn([]*section{s}, name)
			}
		}
		totem.remove(func(s *section) bool {
			return s.name == "interface" && s.link() == number && !slices.ContainsFunc(s.entries, saysMore)
		})
	}
}

// saysMore reports whether an entry of an interface section is more than its
// number.
func saysMore(e entry) bool {
	return e.kind == group || e.kind == setting && !slices.Contains(labels["interface"], e.name)
}
