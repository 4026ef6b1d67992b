package packages

import (
	"slices"

	"github.com/hadeploy/hadeploy/playbook"
)

// containerPackages are those of what runs the containers of the declared
// bundles. Docker has another name in each family, and "" where the family has
// no package of it: it comes from Docker's own repository then, by
// packages.install.
func containerPackages(p *playbook.Playbook, docker string) (names []string) {
	of := map[string]string{"podman": "podman", "docker": docker}
	for i := range p.Resources {
		b := p.Resources[i].Bundle
		if b == nil {
			continue
		}
		if name := of[b.Container]; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
