package cib

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/pcs"
)

// levelTarget is what a level is for, as pcs takes it and shows it.
func levelTarget(get func(string) string) string {
	switch {
	case get("target-pattern") != "":
		return "regexp%" + get("target-pattern")
	case get("target-attribute") != "":
		return "attrib%" + get("target-attribute") + "=" + get("target-value")
	}
	return get("target")
}

// pcsDeleteLevel: since 0.10.9 target and devices are told by words; 0.12 has no
// other form.
func (e *editor) pcsDeleteLevel(get func(string) string) string {
	target, devices := " target ", " stonith"
	if e.want.dialect == pcs.Pcs010 {
		target, devices = " ", ""
	}
	return "pcs stonith level remove " + get("index") + target + shellWord(levelTarget(get)) + devices + levelDevices(get)
}

func levelDevices(get func(string) string) (words string) {
	for _, d := range strings.Split(get("devices"), ",") {
		words += " " + shellWord(d)
	}
	return words
}
