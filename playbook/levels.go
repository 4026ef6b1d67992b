package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// FencingLevel says which devices fence a node together. The levels of a node
// are tried in the order of their numbers, until all devices of one succeed.
type FencingLevel struct {
	ID    string // empty: pcs's own
	Level string // 1 to 9
	// The nodes: one by its name, those whose names a pattern finds, or those with
	// a value of a node attribute.
	Target, Pattern, Attribute, Value string
	Devices                           []string // in the order in which they act
	Pos, TargetPos                    diag.Pos
}

// target is the level's node or nodes in words.
func (f *FencingLevel) target() string {
	switch {
	case f.Pattern != "":
		return "pattern " + quote(f.Pattern)
	case f.Attribute != "":
		return "nodes with " + f.Attribute + "=" + f.Value
	}
	return f.Target
}

// levels: Pacemaker takes the devices of two levels of one number for one; here
// they are named in one place.
func (l *loader) levels(n *yamldoc.Node) (out []FencingLevel) {
	lines := map[string]int{}
	for i, item := range items(n) {
		path := yamldoc.Path("stonith.levels").Index(i)
		f := FencingLevel{ID: text(item.Get("id")), Level: text(item.Get("level")), Target: text(item.Get("target")), Pattern: text(item.Get("target_pattern")),
			Attribute: text(item.Get("target_attribute")), Value: text(item.Get("target_value")), Pos: l.doc.Pos(item)}
		// 01 and +1 are numbers of YAML, too, and no other levels.
		if number, err := strconv.Atoi(f.Level); err == nil {
			f.Level = strconv.Itoa(number)
		}
		l.declare(item.Get("id"), path+".id", &declared{kind: "fencing level"})
		l.target(item, path, &f)
		for j, ref := range items(item.Get("devices")) {
			l.device(ref, (path + ".devices").Index(j))
		}
		f.Devices = l.words(item.Get("devices"), path+".devices")
		key := strings.Join([]string{f.Level, strings.ToLower(f.Target), f.Pattern, f.Attribute, f.Value}, "\x00")
		if line := lines[key]; line > 0 {
			l.judgeAt(f.Pos, path, "name all its devices in one of them, or give this one another number", "level %s for %s is there already, on line %d", f.Level, f.target(), line)
			continue
		}
		lines[key] = f.Pos.Line
		out = append(out, f)
	}
	return out
}

// target wants exactly one sort of target.
func (l *loader) target(item *yamldoc.Node, path yamldoc.Path, f *FencingLevel) {
	if item.Kind != yamldoc.Map {
		return
	}
	var given []string
	for _, key := range []string{"target", "target_pattern", "target_attribute"} {
		if field := item.Field(key); field != nil {
			given = append(given, key)
			f.TargetPos = l.doc.Pos(field.Value)
		}
	}
	attribute, value := item.Field("target_attribute"), item.Field("target_value")
	switch {
	case len(given) == 0 && value == nil:
		if l.sound(path) {
			l.errorAt(f.Pos, path, "give target: NODE, target_pattern: REGEX, or target_attribute: NAME with target_value: VALUE", "it is not said which nodes the level is for")
		}
	case len(given) > 1:
		l.errorAt(l.doc.KeyPos(item.Field(given[1])), path.Key(given[1]), "keep one of them, or make a level of each", "a level has one target; here are %s", strings.Join(given, " and "))
	case attribute != nil && value == nil:
		l.errorAt(l.doc.KeyPos(attribute), path.Key("target_attribute"), "add target_value", "it is not said which value of the node attribute %s counts", quote(f.Attribute))
	case attribute == nil && value != nil:
		l.errorAt(l.doc.KeyPos(value), path.Key("target_value"), "add target_attribute: NAME", "it is not said of which node attribute this is the value")
	case f.Attribute != "" && !optionName.MatchString(f.Attribute):
		l.errorAt(f.TargetPos, path.Key("target_attribute"), "use letters, digits, _ and -", "%s cannot be the name of a node attribute", quote(f.Attribute))
	case f.Pattern != "":
		if _, err := nodePattern(f.Pattern); err != nil {
			l.errorAt(f.TargetPos, path.Key("target_pattern"), "write an extended regular expression, such as ^web[12]$", "%s is no regular expression", quote(f.Pattern))
		}
	}
}

// device wants a declared fencing device.
func (l *loader) device(n *yamldoc.Node, path yamldoc.Path) {
	id := text(n)
	d := l.ids[id]
	switch {
	case id == "", d != nil && d.kind == "fencing device", d == nil && !l.sound("stonith.devices"):
	case d != nil:
		l.judgeAt(l.doc.Pos(n), path, "", "%s is a %s, not a fencing device", id, d.kind)
	default:
		var devices []string
		for other, d := range l.ids {
			if d.kind == "fencing device" {
				devices = append(devices, other)
			}
		}
		slices.Sort(devices)
		l.judgeAt(l.doc.Pos(n), path, diag.DidYouMean(id, devices), "no fencing device has the id %s", quote(id))
	}
}

// nodePattern reads a pattern as the fencer does: an extended regular
// expression, found anywhere in a node's name, in the case in which it stands.
func nodePattern(pattern string) (*regexp.Regexp, error) {
	if re, err := regexp.CompilePOSIX(pattern); err == nil {
		return re, nil
	}
	return regexp.Compile(pattern) // glibc takes some of Perl's, too
}

// levelsOf are the levels that Pacemaker uses for a node: those with its name,
// else those of a pattern. Which node has an attribute only the cluster knows.
func (s *Stonith) levelsOf(node string) (list []int) {
	var byPattern []int
	for i, f := range s.Levels {
		switch {
		case f.Attribute != "":
		case f.Pattern != "":
			if re, err := nodePattern(f.Pattern); err == nil && re.MatchString(node) {
				byPattern = append(byPattern, i)
			}
		case strings.EqualFold(f.Target, node):
			list = append(list, i)
		}
	}
	if list != nil {
		return list
	}
	return byPattern
}

// levelGaps finds devices of levels that do not fence the node of their level:
// the level then fails as a whole. What only a running device can tell is no
// reason for a complaint.
func (p *Playbook) levelGaps(nodes []string) (out []remark) {
	if _, off := p.fencingOff(); off {
		return nil // told as a whole
	}
	reaches := map[string]reach{}
	disabled := map[string]bool{}
	for i := range p.Stonith.Devices {
		d := &p.Stonith.Devices[i]
		reaches[d.ID], disabled[d.ID] = reachOf(d.Options), d.Meta.Disabled()
	}
	told := map[string]bool{}
	for _, node := range nodes {
		for _, i := range p.Stonith.levelsOf(node) {
			f := &p.Stonith.Levels[i]
			for j, id := range f.Devices {
				r, there := reaches[id]
				why, fix := "", "name "+node+" in pcmk_host_list or pcmk_host_map of "+id
				switch {
				case !there:
				case disabled[id]:
					why, fix = "it is disabled", "remove its target-role"
				case !r.unknown && !r.has(node):
					why = "its list does not name " + node
				}
				key := fmt.Sprintf("%d %d %s", i, j, why)
				if why == "" || told[key] {
					continue
				}
				told[key] = true
				out = append(out, remark{pos: f.Pos, path: yamldoc.Path("stonith.levels").Index(i), Finding: plan.Finding{Code: "FENCE_LEVEL_UNFIT", Severity: plan.Warning, Object: id,
					Message: fmt.Sprintf("level %s for %s fails as a whole: %s does not fence %s, for %s", f.Level, f.target(), id, node, why),
					Fix:     fix + ", or take " + id + " out of the level"}})
			}
		}
	}
	return out
}
