package pcs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Version of pcs: 0.9.169, 0.11.9.1, 0.12.0.2.
type Version struct {
	Numbers []int  // at least two
	Suffix  string // what a distribution appends: +12-abc
}

func (v Version) String() string {
	parts := make([]string, len(v.Numbers))
	for i, n := range v.Numbers {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ".") + v.Suffix
}

// Compare orders versions by their numbers; a missing one counts as zero.
func (v Version) Compare(numbers ...int) int {
	for i := range max(len(v.Numbers), len(numbers)) {
		if c := cmp.Compare(at(v.Numbers, i), at(numbers, i)); c != 0 {
			return c
		}
	}
	return 0
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// ParseVersion reads a version as `pcs --version` prints it.
func ParseVersion(s string) (Version, error) {
	var v Version
	rest := strings.TrimSpace(s)
	for {
		end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
		if end < 0 {
			end = len(rest)
		}
		n, err := strconv.Atoi(rest[:end])
		if err != nil {
			return Version{}, fmt.Errorf("%q is no version of pcs", clip(s, 60))
		}
		v.Numbers = append(v.Numbers, n)
		if rest = rest[end:]; !strings.HasPrefix(rest, ".") || len(v.Numbers) == 5 {
			break
		}
		if next := rest[1:]; next == "" || next[0] < '0' || next[0] > '9' { // 0.11.3.git-1
			break
		}
		rest = rest[1:]
	}
	v.Suffix = rest
	if len(v.Numbers) < 2 || strings.ContainsAny(rest, " \t\n") {
		return Version{}, fmt.Errorf("%q is no version of pcs", clip(s, 60))
	}
	return v, nil
}

// Dialect is what the pcs of a node understands. Distributions backport, so
// what it can do is asked of its capabilities and not of its version.
type Dialect struct {
	Version      Version
	Capabilities []string // sorted; nil before 0.9.161, which does not list them
}

// ParseDialect reads the output of `pcs --version --full`: the version and,
// from 0.9.161 on, a line of capability ids.
func ParseDialect(out []byte) (Dialect, error) {
	if len(out) > 1<<20 {
		return Dialect{}, fmt.Errorf("the output of pcs --version --full has %d bytes", len(out))
	}
	var d Dialect
	ls := lines{rest: string(out)}
	for {
		ln, ok := ls.next()
		if !ok {
			break
		}
		if d.Version.Numbers == nil {
			if v, err := ParseVersion(ln.s); err == nil {
				d.Version = v
			}
			continue
		}
		for _, id := range strings.Fields(ln.s) {
			if !capabilityID(id) {
				return Dialect{}, fmt.Errorf("line %d of the output of pcs --version --full is no list of capabilities: %q", ln.no, clip(ln.s, 60))
			}
			d.Capabilities = append(d.Capabilities, id)
		}
	}
	if d.Version.Numbers == nil {
		return Dialect{}, fmt.Errorf("the output of pcs --version --full has no version: %q", clip(strings.TrimSpace(string(out)), 60))
	}
	slices.Sort(d.Capabilities)
	return d, nil
}

func capabilityID(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

// Has tells whether pcs has a capability, by the id that it lists. Where no
// list is known the answer comes from the version, for the ids that matter
// here, and is no for any other.
func (d Dialect) Has(capability string) bool {
	if d.Capabilities != nil {
		_, ok := slices.BinarySearch(d.Capabilities, capability)
		return ok
	}
	first, ok := firstIn[capability]
	if !ok || at(d.Version.Numbers, 0) != 0 {
		return false
	}
	since := first[min(max(at(d.Version.Numbers, 1), 9), 12)-9]
	return since != never && d.Version.Compare(0, at(d.Version.Numbers, 1), since) >= 0
}

const never = -1

// firstIn has the first release of 0.9, 0.10, 0.11 and 0.12 with a capability,
// by the change logs and the lists of released versions.
var firstIn = map[string][4]int{
	"pcs.auth":                                        {0, never, never, never},
	"pcs.auth.client":                                 {never, 1, 1, 0},
	"pcs.yes-to-confirm-commands":                     {never, never, never, 0},
	"status.pcmk.xml":                                 {0, 0, 0, 0},
	"status.pcmk.wait":                                {never, never, 8, 0},
	"status.pcmk.query.resource":                      {never, never, 8, 0},
	"status.pcmk.resources.hide-inactive":             {149, 0, 0, 0},
	"cluster.create":                                  {0, 0, 0, 0},
	"cluster.create.start.wait":                       {150, 0, 0, 0},
	"cluster.create.separated-name-and-address":       {never, 1, 1, 0},
	"cluster.create.transport.knet":                   {never, 1, 1, 0},
	"cluster.destroy":                                 {0, 0, 0, 0},
	"cluster.destroy.all":                             {0, 0, 0, 0},
	"cluster.config.uuid":                             {never, 14, 3, 0},
	"corosync.config.update":                          {never, 8, 1, 0},
	"corosync.link.add":                               {never, 2, 1, 0},
	"corosync.quorum":                                 {151, 0, 0, 0},
	"corosync.quorum.device":                          {151, 0, 0, 0},
	"corosync.quorum.status":                          {151, 0, 0, 0},
	"node.attributes":                                 {90, 0, 0, 0},
	"node.guest":                                      {158, 0, 0, 0},
	"node.maintenance":                                {145, 0, 0, 0},
	"node.remote":                                     {158, 0, 0, 0},
	"node.standby":                                    {0, 0, 0, 0},
	"node.utilization":                                {148, 0, 0, 0},
	"pcmk.alert":                                      {156, 0, 0, 0},
	"pcmk.cib.get":                                    {0, 0, 0, 0},
	"pcmk.cib.roles.promoted-unpromoted":              {never, 10, 1, 0},
	"pcmk.cib.set":                                    {0, 0, 0, 0},
	"pcmk.constraint.config.output-formats":           {never, never, 6, 0},
	"pcmk.constraint.location.simple.resource-regexp": {156, 0, 0, 0},
	"pcmk.constraint.ticket.set":                      {151, 0, 0, 0},
	"pcmk.constraint.ticket.simple":                   {151, 0, 0, 0},
	"pcmk.properties.cluster":                         {0, 0, 0, 0},
	"pcmk.properties.cluster.config.output-formats":   {never, 17, 6, 0},
	"pcmk.properties.operation-defaults.multiple":     {never, 7, 1, 0},
	"pcmk.properties.resource-defaults.multiple":      {never, 7, 1, 0},
	"pcmk.resource.bundle":                            {158, 0, 0, 0},
	"pcmk.resource.clone.custom-id":                   {never, 7, 1, 0},
	"pcmk.resource.config.output-formats":             {never, 14, 3, 0},
	"pcmk.resource.create":                            {0, 0, 0, 0},
	"pcmk.resource.create.in-existing-bundle":         {158, 0, 0, 0},
	"pcmk.resource.create.meta.future":                {never, never, 6, 0},
	"pcmk.resource.master":                            {0, never, never, never},
	"pcmk.resource.promotable":                        {never, 1, 1, 0},
	"pcmk.resource.promotable.custom-id":              {never, 7, 1, 0},
	"pcmk.resource.utilization":                       {148, 0, 0, 0},
	"pcmk.stonith.levels":                             {0, 0, 0, 0},
	"pcmk.stonith.levels.node-attr":                   {156, 0, 0, 0},
	"pcmk.stonith.levels.node-regexp":                 {156, 0, 0, 0},
	"pcmk.tag":                                        {never, 6, 1, 0},
	"sbd":                                             {152, 0, 0, 0},
	"sbd.shared-block-device":                         {157, 0, 0, 0},
}

// DiffAgainst tells whether `cluster cib-push` knows diff-against=, which has
// no capability id.
func (d Dialect) DiffAgainst() bool { return d.Version.Compare(0, 9, 156) >= 0 }

// EmptyDiffFails tells that a push of an unchanged CIB exits with 1.
func (d Dialect) EmptyDiffFails() bool { return d.Version.Compare(0, 9, 165) < 0 }
