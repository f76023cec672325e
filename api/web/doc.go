// Package web is the pages that people read: what a draw is about, when it happens, how likely each
// person is, who was drawn, how to check all of it, and one person's own line in the list.
//
// [New] parses the embedded templates and [Pages.Mount] adds the pages to a router. Every page is
// made on the server and works with a keyboard and on a phone, and loads nothing from
// elsewhere. A page that shows a rehearsal draw says so, in one sentence that is always the same.
//
// The package refuses to know anything private: it asks only for what is public, and the one secret
// it handles, a fresh operator's key, goes from the service to the page and is kept nowhere.
package web
