package agent

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/hadeploy/hadeploy/playbook"
)

// Fill stands in an example where only the reader knows the value.
const Fill = "CHANGE_ME"

// Example is a section of a playbook with one resource of the agent and its
// required options: resources, or stonith for a fence agent. Default
// operations are left out, for the plan takes those that the agent advises.
func (a *Agent) Example() string {
	ref := playbook.ParseAgent(a.Name)
	id := exampleID(ref.Type)
	e := &example{}
	switch {
	case a.stonith():
		e.line(0, "stonith:")
		e.line(1, "devices:")
		e.primitive(2, "- ", id, a)
	case a.HasAction("promote") && a.HasAction("demote"):
		e.line(0, "resources:")
		e.line(1, "- id: "+id+"-clone")
		e.line(2, "promotable:")
		e.primitive(3, "", id, a)
	default:
		e.line(0, "resources:")
		e.primitive(1, "- ", id, a)
	}
	return e.b.String()
}

// example writes lines of YAML.
type example struct{ b strings.Builder }

func (e *example) line(depth int, text string) {
	e.b.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// primitive writes a mapping; dash is "- " where it is an entry of a list.
func (e *example) primitive(depth int, dash, id string, a *Agent) {
	e.line(depth, dash+"id: "+id)
	if dash != "" {
		depth++
	}
	e.line(depth, "agent: "+yamlText(a.Name))
	head := false
	for _, p := range a.Options() {
		if !p.Required {
			continue
		}
		if !head {
			e.line(depth, "options:")
			head = true
		}
		value, note := exampleValue(p)
		if note = oneLine(note, 70); note != "" {
			note = "  # " + note
		}
		e.line(depth+1, yamlText(p.Name)+": "+value+note)
	}
}

// exampleValue is the default, the first of a choice, a place for a secret, or
// what has to be filled in; the note says what it is.
func exampleValue(p Parameter) (value, note string) {
	name := strings.ToLower(p.Name)
	switch {
	case p.Default != "":
		return yamlText(p.Default), p.ShortDesc
	case len(p.Enum) > 0:
		return yamlText(p.Enum[0]), "one of " + strings.Join(p.Enum, ", ")
	case strings.Contains(name, "passw") && !strings.Contains(name, "script"):
		return "{file: secrets/" + exampleID(p.Name) + "}", p.ShortDesc
	}
	return Fill, p.ShortDesc
}

var (
	plainYAML = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*$`)
	noID      = regexp.MustCompile(`[^a-z0-9.-]+`)
)

// yamlText is a text as a YAML scalar of one line.
func yamlText(s string) string {
	if plainYAML.MatchString(s) && !isYAMLWord(s) {
		return s
	}
	b, _ := json.Marshal(strings.ToValidUTF8(s, "?")) // a text: cannot fail; YAML reads JSON
	return string(b)
}

// isYAMLWord reports whether YAML would read the text as something else.
func isYAMLWord(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return true
	}
	return false
}

// exampleID makes an id of a name.
func exampleID(name string) string {
	id := strings.Trim(noID.ReplaceAllString(strings.ToLower(name), "-"), "-.")
	if id == "" || id[0] < 'a' || id[0] > 'z' || isYAMLWord(id) {
		id = "resource-" + id
	}
	return strings.TrimRight(id[:min(len(id), 40)], "-.")
}

// oneLine makes a text fit for a comment.
func oneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	words := strings.Fields(s)
	line := ""
	for _, w := range words {
		if len(line)+1+len(w) > limit {
			return strings.TrimSpace(line + " ...")
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return line
}
