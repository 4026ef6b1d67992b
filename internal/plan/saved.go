package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// MaxSaved bounds what Decode reads. A plan of 5000 resources on 32 nodes is
// about 8 MiB.
const MaxSaved = 64 << 20

// saved is a plan as it is written to a file. The checksum finds damage and
// slips of an editor; that nothing else is applied than what was reviewed is
// the business of Cover, which holds every change against the nodes.
type saved struct {
	Type string `json:"type"`
	*Plan
	Checksum string `json:"checksum"`
}

const savedType = "hadeploy-plan"

// Public is a copy of a plan that holds no text of a secret value, and no null
// where a list belongs.
func (p *Plan) Public() *Plan {
	q := *p
	q.Nodes = append([]string{}, p.Nodes...)
	q.Changes = PublicChanges(p.Changes)
	return &q
}

// PublicChanges are changes without the text of secret values.
func PublicChanges(changes []Change) []Change {
	out := append([]Change{}, changes...)
	for i, c := range out {
		out[i].Diffs = slices.Clone(c.Diffs)
		for j, d := range out[i].Diffs {
			if d.Secret {
				out[i].Diffs[j].Before, out[i].Diffs[j].After = "", ""
			}
		}
	}
	return out
}

// Document is the plan as one JSON document, the one that is saved and that
// plan -o json prints: indented, with a checksum as its last field, and
// without the text of any secret.
func (p *Plan) Document() ([]byte, error) {
	q, err := p.Public().settled()
	if err != nil {
		return nil, err
	}
	q.Version = Format
	s := saved{Type: savedType, Plan: q}
	sum, err := s.sum()
	if err != nil {
		return nil, err
	}
	s.Checksum = sum
	return encode(s)
}

// settled is a plan as a reader gets it: what is no UTF-8 is replaced, which
// must not happen after the checksum was made.
func (p *Plan) settled() (*Plan, error) {
	b, err := encode(p)
	if err != nil {
		return nil, err
	}
	q := &Plan{}
	return q, json.Unmarshal(b, q)
}

func (s saved) sum() (string, error) {
	s.Checksum = ""
	b, err := encode(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("writing the plan: %w", err)
	}
	return b.Bytes(), nil
}

// ErrNoPlan says that a document is something else than a plan.
var ErrNoPlan = errors.New("it is no plan of hadeploy")

// IsPlan reports whether a text may be a saved plan: a JSON object. A playbook
// is YAML, whose flow style begins so too, but no playbook has its key.
func IsPlan(text []byte) bool {
	text = bytes.TrimSpace(text)
	return bytes.HasPrefix(text, []byte("{")) && bytes.Contains(text[:min(len(text), 200)], []byte(`"`+savedType+`"`))
}

// Decode reads what Document wrote. The error says what is wrong with it: cut
// short, of another release's format, or not as it was written.
func Decode(r io.Reader) (*Plan, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSaved+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxSaved {
		return nil, fmt.Errorf("it is larger than %d MiB, and no plan is", MaxSaved>>20)
	}
	var head struct {
		Type    string `json:"type"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, syntax(err, b)
	}
	switch {
	case head.Type != savedType:
		return nil, ErrNoPlan
	case head.Version > Format:
		return nil, fmt.Errorf("it was made by a later hadeploy: its format is %d, and this hadeploy reads %d", head.Version, Format)
	case head.Version < Format:
		return nil, fmt.Errorf("it was made by an earlier hadeploy: its format is %d, and this hadeploy reads %d; make the plan again", head.Version, Format)
	}
	s := saved{Plan: &Plan{}}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, syntax(err, b)
	}
	if sum, err := s.sum(); err != nil || sum != s.Checksum {
		return nil, errors.New("it is not as hadeploy wrote it: its checksum does not match, so it was edited, or damaged on its way")
	}
	return s.Plan, nil
}

func syntax(err error, b []byte) error {
	var bad *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &bad) && bad.Offset >= int64(len(bytes.TrimRight(b, " \t\r\n"))):
		return fmt.Errorf("it is cut short, after %d bytes", len(b))
	case bad != nil:
		return fmt.Errorf("it cannot be read at line %d: %w", 1+bytes.Count(b[:min(int64(len(b)), bad.Offset)], []byte("\n")), err)
	}
	return fmt.Errorf("it is not as hadeploy wrote it: %w", err)
}
