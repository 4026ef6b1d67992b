package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hadeploy/hadeploy/internal/report/term"
	"github.com/hadeploy/hadeploy/steps"
)

// confirm asks for a word. Without a terminal it refuses instead of hanging.
func (a *app) confirm(s *session, question, word, flag string) error {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(f) {
		return hinted{errors.New("there is no terminal to ask on, and nothing was changed"), "give " + flag + " to go on without asking"}
	}
	answer := make(chan string, 1)
	s.progress.Suspend(func() {
		fmt.Fprint(a.err, "\n"+wrapped(question, a.errStyle.Columns()))
		go func() { // ends with the line, or with the program
			line, _ := bufio.NewReader(f).ReadString('\n')
			answer <- strings.TrimSpace(line)
		}()
		select {
		case line := <-answer:
			answer <- line
		case <-s.stop:
			fmt.Fprintln(a.err)
		case <-s.ctx.Done():
		}
	})
	select {
	case line := <-answer:
		if line == word {
			return nil
		}
		return errors.New("not confirmed; nothing was changed")
	default:
		return &steps.InterruptedError{While: "asking"}
	}
}

// wrapped is a question whose words are whole on a terminal of that many
// columns. What it ends with, a blank to type behind, stays.
func wrapped(question string, columns int) string {
	lines := strings.Split(question, "\n")
	for i, line := range lines {
		end := line[len(strings.TrimRight(line, " ")):]
		// Some columns are for the answer.
		lines[i] = strings.Join(term.Flow(strings.Fields(line), columns-8, columns-8), "\n") + end
	}
	return strings.Join(lines, "\n")
}
