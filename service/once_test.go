package service_test

import (
	"context"
	"encoding/hex"
	"testing"

	"kleroterion/service"
)

func parseID(t *testing.T, text string) [32]byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	must(t, err)
	return [32]byte(b)
}

func TestIdempotencyKeyReplaysAndRefusesAnotherRequest(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("list")
	open := func(request byte, decision string) (service.Draw, bool, error) {
		var d service.Draw
		_, replayed, err := w.Once(t.Context(), w.registrar, "key-1", [32]byte{request}, func(ctx context.Context) ([]byte, error) {
			var err error
			d, err = w.OpenDraw(ctx, w.registrar, w.newDraw(reg, decision))
			return nil, err
		})
		return d, replayed, err
	}
	first, replayed, err := open(1, "once")
	must(t, err)
	if replayed {
		t.Error("the first request is a replay")
	}
	w.clock.Add(600) // by now the request itself would be refused
	again, replayed, err := open(1, "once")
	must(t, err)
	if !replayed || again.ID != first.ID || again.Commit != first.Commit {
		t.Errorf("replay gave %s, %t, want %s", again.ID, replayed, first.ID)
	}
	_, _, err = open(2, "other")
	wantRefusal(t, err, service.KindConflict, "idempotency_key")
	draws, err := w.DrawsOf(t.Context(), "city/example/jury/once")
	if err != nil || draws != 1 {
		t.Errorf("got %d draws, %v, want 1", draws, err)
	}
}

// DrawsOf counts the openings on a subject in the log.
func (w *world) DrawsOf(ctx context.Context, subject string) (n int, err error) {
	entries, err := w.SubjectEntries(ctx, subject)
	for _, e := range entries {
		if e.Kind == "draw.open" {
			n++
		}
	}
	return n, err
}

func TestKeysAndOwnerLink(t *testing.T) {
	w := newWorld(t)
	link, err := w.OwnerLink(t.Context())
	must(t, err)
	if _, err := w.Authenticate(t.Context(), link); service.KindOf(err) != service.KindUnauthorized {
		t.Errorf("the owner link acts as a key: %v", err)
	}
	_, token, err := w.Setup(t.Context(), link)
	must(t, err)
	if _, _, err := w.Setup(t.Context(), link); service.KindOf(err) != service.KindUnauthorized {
		t.Errorf("the link works twice: %v", err)
	}
	if again, err := w.OwnerLink(t.Context()); err != nil || again != "" {
		t.Errorf("got a second link %q, %v", again, err)
	}
	owner, err := w.Authenticate(t.Context(), token)
	must(t, err)
	key, clerk, err := w.AddKey(t.Context(), owner, service.NewKey{City: "example", Role: service.RoleRegistrar, Label: "clerk"})
	must(t, err)
	if a, err := w.Authenticate(t.Context(), clerk); err != nil || a.City != "example" || a.Role != service.RoleRegistrar {
		t.Errorf("got %+v, %v", a, err)
	}
	must(t, w.RevokeKey(t.Context(), owner, key.ID))
	other := "A" // one character in 64 is an A already: then the other secret has a B there
	if token[25] == 'A' {
		other = "B"
	}
	for name, bad := range map[string]string{"revoked": clerk, "empty": "", "cut": token[:len(token)-1], "other secret": token[:25] + other + token[26:], "not ours": "ghp_x"} {
		if _, err := w.Authenticate(t.Context(), bad); service.KindOf(err) != service.KindUnauthorized {
			t.Errorf("%s token: got %v", name, err)
		}
	}
}
