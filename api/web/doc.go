// Package web is the pages that people read: what a draw is about, when it happens, how likely each
// person is, who was drawn and who serves; what a letter with a code says and how to answer it; what a
// community's charter means; what a poll asks, who may vote, what came of it; what a funding round shares
// among which projects, and why each gets its amount; and how to check all of it.
//
// [New] parses the embedded templates and [Pages.Mount] adds the pages to a router. Every page is
// made on the server, works with a keyboard and on a phone, and loads nothing from elsewhere. Most run
// no script. Those of ballotbox make keys, seal and sign ballots, gifts and applications in the reader's
// own browser, and move the figures of a round while it is read. A page that shows a rehearsal says so, in one
// sentence that is always the same.
//
// Texts of owners and reviewers are shown as plain text, in which only addresses of pages become links.
// Amounts are exact: nothing here is a floating-point number.
//
// The package refuses to know anything private: it asks only for what is public. Two secrets pass
// through it and are kept nowhere: a fresh operator's key, from the service to the page, and the code of a
// letter, which is in the bodies of forms and never in an address.
package web
