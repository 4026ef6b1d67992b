package planreport

import (
	"io"

	"github.com/hadeploy/hadeploy/internal/report/term"
)

// JSON writes a plan as one JSON document, in which secrets are left out:
// the same that a saved plan is, and apply takes it.
func JSON(w io.Writer, _ term.Style, r Report) error {
	doc, err := r.Document()
	if err != nil {
		return err
	}
	_, err = w.Write(term.SafeJSON(doc))
	return err
}
