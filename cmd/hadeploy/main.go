// Command hadeploy brings Linux hosts to the Pacemaker cluster that a YAML
// file declares, keeps them so, and says what it would change.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
