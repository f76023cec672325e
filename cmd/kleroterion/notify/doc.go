// Package notify carries notices out of the service: invitations by SMTP ([NewSMTP]) or into a folder
// ([NewFolder], for trials), and public records to a webhook ([NewWebhook]).
//
// A webhook gets each record at least once, as a JSON object with its place in the log, and can check that
// it comes from here: the header Kleroterion-Signature is "t=<seconds>,v1=<hex>", the HMAC-SHA256 under
// the shared secret of the time, a dot and the body. Records repeat after a failure: their seq tells.
//
// A mail holds a one-time code, so it goes over TLS unless the server is on this machine.
package notify
