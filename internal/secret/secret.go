// Package secret keeps passwords and keys from being printed.
//
// Redacting text after the fact is a second line of defence at best, so the
// first one is a type: a Value shows "***" to every printer that Go has
// (fmt with any verb, JSON, YAML, slog) and opens only by Reveal, which is
// called where bytes go to a remote command's standard input.
package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Mask is what every printer shows in place of a secret.
const Mask = "***"

// Value is a secret. The zero Value is "not set".
type Value struct{ v *string }

// New wraps s. An empty s is a set, empty secret.
func New(s string) Value { return Value{&s} }

// IsSet reports whether the Value holds anything, the empty string included.
func (s Value) IsSet() bool { return s.v != nil }

// Reveal returns the secret itself, "" when it is not set.
func (s Value) Reveal() string {
	if s.v == nil {
		return ""
	}
	return *s.v
}

// Equal reports whether both are set to the same text, or both unset.
func (s Value) Equal(t Value) bool {
	return s.IsSet() == t.IsSet() && s.Reveal() == t.Reveal()
}

func (s Value) String() string {
	if s.v == nil {
		return ""
	}
	return Mask
}

// Format covers every verb, %#v and %x included.
func (s Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalJSON never writes the secret.
func (s Value) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalYAML never writes the secret.
func (s Value) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue never logs the secret.
func (s Value) LogValue() slog.Value { return slog.StringValue(s.String()) }
