// Package faults runs hadeploy against real nodes that fail, and looks at all
// of them after each fault. The catalogue is in the *_test.go files, one for
// each kind of fault, and reads as the specification of what is right then;
// audit_test.go is what has to be true after every one of them.
//
//	make faults                                    all of them, about an hour
//	HADEPLOY_FAULTS_SEED=7 go test ./integration/faults   the part that 7 chooses
//	HADEPLOY_FAULTS=all go test ./integration/faults -run 'TestFaults/power'
package faults
