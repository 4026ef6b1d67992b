package packages

import (
	"slices"

	"github.com/hadeploy/hadeploy/playbook"
)

// containerPackages are those of what runs the containers of the declared
// bundles. engines has them by the word of the playbook; what a family has no
// package of comes from elsewhere, by packages.install.
func containerPackages(p *playbook.Playbook, engines map[string][]string) (names []string) {
	for i := range p.Resources {
		b := p.Resources[i].Bundle
		if b == nil {
			continue
		}
		for _, name := range engines[b.Container] {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
