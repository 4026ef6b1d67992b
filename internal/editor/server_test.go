package editor

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestPlaces drives yaml-language-server, which most editors use, over the places
// of testdata/places.txt. make editor installs the server and runs this.
func TestPlaces(t *testing.T) {
	if os.Getenv("HADEPLOY_EDITOR") == "" {
		t.Skip("HADEPLOY_EDITOR is not set: make editor installs yaml-language-server and runs this")
	}
	text, err := Schema(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "playbook.schema.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t)
	all, err := os.ReadFile("testdata/places.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(all), "\n== ")[1:]
	if len(cases) < 60 {
		t.Errorf("only %d places", len(cases))
	}
	for i, c := range cases {
		head, yaml, _ := strings.Cut(c, "\n")
		verb, want, _ := strings.Cut(head, " ")
		if !strings.Contains(yaml, "name:") || !strings.Contains("\n"+yaml, "\nname:") {
			yaml = "name: web\nhacluster: {password: {env: PW}}\n" + yaml
		}
		yaml = "# yaml-language-server: $schema=playbook.schema.json\n" + yaml
		before, _, _ := strings.Cut(yaml, "‸")
		line, column := strings.Count(before, "\n"), len(before)-strings.LastIndexByte(before, '\n')-1
		uri := "file://" + filepath.Join(dir, fmt.Sprintf("p%d.yaml", i))
		found := s.open(uri, strings.Replace(yaml, "‸", "", 1))
		at := object{"textDocument": object{"uri": uri}, "position": object{"line": line, "character": column}}
		fail := func(got any) { t.Errorf("%s\n%s\ngot %v", head, yaml, got) }
		switch verb {
		case "offers":
			var answer struct {
				Items []struct{ Label, InsertText string }
			}
			s.ask("textDocument/completion", at, &answer)
			labels := map[string]bool{}
			for _, item := range answer.Items {
				labels[strings.Trim(item.Label, `"`)] = true
			}
			for _, w := range strings.Split(want, ", ") {
				if !labels[w] {
					fail(fmt.Sprintf("no %s in %v", w, labels))
				}
			}
		case "hover":
			var answer struct{ Contents struct{ Value string } }
			s.ask("textDocument/hover", at, &answer)
			if !strings.Contains(strings.ToLower(answer.Contents.Value), strings.ToLower(want)) {
				fail(answer.Contents.Value)
			}
		case "error":
			if len(found) == 0 || !strings.Contains(strings.ToLower(strings.Join(found, "\n")), strings.ToLower(want)) {
				fail(found)
			}
		case "clean":
			if len(found) > 0 {
				fail(found)
			}
		default:
			t.Errorf("unknown: %s", head)
		}
	}
}

// server is a running yaml-language-server.
type server struct {
	t    *testing.T
	in   io.Writer
	mu   sync.Mutex // of in
	last int
	said chan message
}

type message struct {
	ID     *json.RawMessage `json:"id,omitempty"`
	Method string           `json:"method,omitempty"`
	Params json.RawMessage  `json:"params,omitempty"`
	Result json.RawMessage  `json:"result,omitempty"`
	Error  json.RawMessage  `json:"error,omitempty"`
}

// answerWithin is how long the server may take for one thing, on a busy machine.
const answerWithin = time.Minute

func startServer(t *testing.T) *server {
	cmd := exec.CommandContext(t.Context(), "node", "testdata/server/node_modules/yaml-language-server/bin/yaml-language-server", "--stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := &server{t: t, in: in, said: make(chan message, 64)}
	go s.read(bufio.NewReader(out))
	var ready object
	s.ask("initialize", object{"processId": os.Getpid(), "rootUri": nil, "capabilities": object{
		"textDocument": object{"completion": object{"completionItem": object{"snippetSupport": true}}, "hover": object{"contentFormat": []any{"markdown"}}, "publishDiagnostics": object{}},
		"workspace":    object{"configuration": true},
	}}, &ready)
	s.tell("initialized", object{})
	s.tell("workspace/didChangeConfiguration", object{"settings": settingsOfServer})
	return s
}

var settingsOfServer = object{"yaml": object{"validate": true, "hover": true, "completion": true, "schemaStore": object{"enable": false}, "format": object{"enable": false}}}

// read passes on what the server says, and answers what it asks.
func (s *server) read(r *bufio.Reader) {
	defer close(s.said)
	for {
		header, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil || n > 1<<24 {
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		var m message
		if json.Unmarshal(body, &m) != nil {
			return
		}
		switch {
		case m.ID != nil && m.Method == "workspace/configuration":
			s.send(object{"jsonrpc": "2.0", "id": m.ID, "result": []any{settingsOfServer["yaml"], object{}, object{}, object{}, object{}}})
		case m.ID != nil && m.Method != "":
			s.send(object{"jsonrpc": "2.0", "id": m.ID, "result": nil})
		default:
			s.said <- m
		}
	}
}

func (s *server) send(o object) {
	b, err := json.Marshal(o)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(b), b)
}

func (s *server) tell(method string, params object) {
	s.send(object{"jsonrpc": "2.0", "method": method, "params": params})
}

// ask waits for the answer of a request.
func (s *server) ask(method string, params object, answer any) {
	s.t.Helper()
	s.last++
	id := strconv.Itoa(s.last)
	s.send(object{"jsonrpc": "2.0", "id": s.last, "method": method, "params": params})
	m := s.wait(method, func(m message) bool { return m.ID != nil && string(*m.ID) == id })
	if m.Error != nil {
		s.t.Fatalf("%s: %s", method, m.Error)
	}
	if err := json.Unmarshal(m.Result, answer); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatalf("%s: %v: %s", method, err, m.Result)
	}
}

// open opens a document and waits for what the server finds wrong with it.
func (s *server) open(uri, text string) (found []string) {
	s.t.Helper()
	s.tell("textDocument/didOpen", object{"textDocument": object{"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
	type diagnostics struct {
		URI         string
		Diagnostics []struct{ Message string }
	}
	m := s.wait("diagnostics of "+uri, func(m message) bool {
		var d diagnostics
		return m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &d) == nil && d.URI == uri
	})
	var d diagnostics
	if err := json.Unmarshal(m.Params, &d); err != nil {
		s.t.Fatal(err)
	}
	for _, one := range d.Diagnostics {
		found = append(found, one.Message)
	}
	return found
}

func (s *server) wait(what string, is func(message) bool) message {
	s.t.Helper()
	late := time.After(answerWithin)
	for {
		select {
		case m, ok := <-s.said:
			if !ok {
				s.t.Fatalf("%s: the server has ended", what)
			}
			if is(m) {
				return m
			}
		case <-late:
			s.t.Fatalf("%s: no answer in %s", what, answerWithin)
		}
	}
}
