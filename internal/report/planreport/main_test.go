package planreport

import (
	"testing"

	"github.com/hadeploy/hadeploy/internal/report/reporttest"
)

func TestMain(m *testing.M) { reporttest.Main(m) }
