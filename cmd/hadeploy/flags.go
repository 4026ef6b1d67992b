package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// flagError says in plain words what is wrong with a flag's value.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	var expected string
	switch invalid.GetFlag().Value.Type() {
	case "int", "count":
		expected = "a whole number, as in 10"
	case "duration":
		expected = "a time with its unit, as in 30s, 5m or 1h30m"
	case "bool":
		expected = "true or false"
	default:
		return err
	}
	return fmt.Errorf("--%s %s: expected %s", invalid.GetFlag().Name, invalid.GetValue(), expected)
}
