package cib

// tags is a name for several resources. It cannot be declared yet.
var tags = &kind{word: "tag", section: "tags", tag: "tag", text: refsText}
