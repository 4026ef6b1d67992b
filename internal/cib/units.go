package cib

import (
	"strings"

	"github.com/beevik/etree"
)

// Units are the systemd units that the primitives of a CIB run, with the ids of
// these. A service: or lsb: primitive counts as the unit of its name, which is
// what systemd makes of an init script.
func (c *CIB) Units() map[string][]string {
	units := map[string][]string{}
	walk(c.section("resources"), func(e *etree.Element) {
		if e.Tag != "primitive" {
			return
		}
		switch attr(e, "class") {
		case "systemd", "service", "lsb":
			unit := strings.TrimSuffix(attr(e, "type"), ".service") + ".service"
			units[unit] = append(units[unit], attr(e, "id"))
		}
	})
	return units
}
