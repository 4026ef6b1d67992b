package rolevars

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// What Ansible takes a scalar without quotes for, by YAML 1.1.
// Source: PyYAML, resolver.py and constructor.py.
var (
	yaml11True  = regexp.MustCompile(`^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$`)
	yaml11False = regexp.MustCompile(`^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$`)
	yaml11Int   = regexp.MustCompile(`^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	yaml11Float = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$`)
	yaml11Word  = regexp.MustCompile(`^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// ansibleText is the text that the role gets of a scalar. Without quotes, yes is
// True there, 010 is 8, 1.10 is 1.1 and 10:30 is 630.
func ansibleText(n *yamldoc.Node) string {
	if n.Quoted || n.Tag != "" {
		return n.Text
	}
	switch text := n.Text; {
	case yaml11True.MatchString(text):
		return "True"
	case yaml11False.MatchString(text):
		return "False"
	case yaml11Int.MatchString(text):
		return yaml11Integer(text)
	case yaml11Float.MatchString(text):
		return yaml11Real(text)
	case yaml11Word.MatchString(text):
		return strings.ToLower(strings.TrimPrefix(strings.Replace(text, ".", "", 1), "+"))
	}
	return n.Text
}

func yaml11Integer(text string) string {
	digits, negative := strings.CutPrefix(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), "-")
	out := new(big.Int)
	ok := true
	switch {
	case strings.HasPrefix(digits, "0b"), strings.HasPrefix(digits, "0x"):
		_, ok = out.SetString(digits, 0)
	case strings.Contains(digits, ":"): // to the base of 60
		for _, part := range strings.Split(digits, ":") {
			place, err := strconv.ParseInt(part, 10, 64)
			if err != nil {
				return text
			}
			out.Add(out.Mul(out, big.NewInt(60)), big.NewInt(place))
		}
	case len(digits) > 1 && digits[0] == '0':
		_, ok = out.SetString(digits, 8)
	default:
		_, ok = out.SetString(digits, 10)
	}
	if !ok {
		return text
	}
	if negative {
		out.Neg(out)
	}
	return out.String()
}

// yaml11Real is a number as Python prints it.
func yaml11Real(text string) string {
	digits, negative := strings.CutPrefix(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), "-")
	parts := strings.Split(digits, ":") // to the base of 60, if there are several
	f, base := 0.0, 1.0
	for _, part := range slices.Backward(parts) {
		place, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return text
		}
		f, base = f+place*base, base*60
	}
	if negative {
		f = -f
	}
	exponent := strconv.FormatFloat(f, 'e', -1, 64)
	at := strings.IndexByte(exponent, 'e')
	power, err := strconv.Atoi(exponent[at+1:])
	switch {
	case err != nil:
		return text
	case f != 0 && (power < -4 || power >= 16):
		return exponent
	}
	out := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(out, ".") {
		out += ".0"
	}
	return out
}
