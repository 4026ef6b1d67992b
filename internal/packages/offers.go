package packages

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
)

// Offers is what the package lists of a node say of names.
type Offers struct {
	// NoLists says that there are none, or that they cannot be read: nothing is
	// known of any name.
	NoLists bool
	// Stale says that they may be out of date: they are older than a day or than
	// the package sources, or it cannot be told. An installation reads them anew.
	Stale bool
	// Unknown are the names that no list has, each with what may have been meant,
	// "" for nothing.
	Unknown map[string]string
}

// ReadOffers reads the answer of the script's verb offers, which was asked about
// these names. One that is not whole is an error.
func ReadOffers(answer string, asked []string) (Offers, error) {
	o := Offers{Unknown: map[string]string{}}
	near := map[string][]string{}
	name, done := "", false
	for line := range strings.Lines(answer) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case key == "none":
			o.NoLists = true
		case key == "stale":
			o.Stale = true
		case key == "what" && slices.Contains(asked, rest):
			name = rest
			o.Unknown[name] = ""
		case key == "near" && name != "" && validPackage.MatchString(rest):
			near[name] = append(near[name], rest)
		case key == "done":
			done = true
		case key != "":
			return o, fmt.Errorf("the package lists were asked, and answered with something else: %q", key)
		}
	}
	if !done {
		return o, errors.New("the answer about the package lists is not whole")
	}
	for name := range o.Unknown {
		o.Unknown[name] = diag.Closest(name, near[name])
	}
	return o, nil
}
