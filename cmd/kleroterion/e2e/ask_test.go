package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"kleroterion/api/client"
)

// read takes a whole answer.
func read(res *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{body, res.Header}, err
}

func (c *crash) addCity(slug string) *post {
	return &post{key: "city/" + slug, who: operator,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.AddCity(ctx, &client.AddCityParams{IdempotencyKey: key}, client.NewCity{Slug: slug, Name: "City of " + slug}))
		},
		took: func(c *crash, body []byte) {
			city := decoded[client.City](c.t, body)
			c.ledger.cities[city.Slug] = city
		}}
}

func (c *crash) addKey(label string) *post {
	return &post{key: "key/" + label, who: operator,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.AddKey(ctx, &client.AddKeyParams{IdempotencyKey: key},
				client.NewKey{City: homeCity, Role: client.NewKeyRoleRegistrar, Label: label}))
		},
		took: func(c *crash, body []byte) {
			k := decoded[client.IssuedKey](c.t, body)
			c.ledger.keys[k.Key.ID] = k.Key
			if k.Token != "" && c.token == "" {
				c.token = k.Token
			}
		},
		strip: func(body []byte) []byte { // the token is shown once
			var k client.IssuedKey
			if json.Unmarshal(body, &k) != nil {
				return body
			}
			k.Token = ""
			stripped, _ := json.Marshal(k) // strings and integers always encode
			return stripped
		}}
}

func (c *crash) addList(l *list) *post {
	return &post{key: "register/" + l.name, who: registrar,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.AddRegister(ctx, &client.AddRegisterParams{IdempotencyKey: key},
				client.NewRegister{City: homeCity, Name: l.name, Mapping: townMapping(c.t)}))
		},
		took: func(c *crash, body []byte) {
			reg := decoded[client.Register](c.t, body)
			l.id, c.ledger.registers[reg.ID] = reg.ID, reg
		}}
}

func (c *crash) freeze(l *list) *post {
	return &post{key: "freeze/" + l.name, who: registrar,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.FreezeRegister(ctx, l.id, &client.FreezeRegisterParams{IdempotencyKey: key}, client.Freeze{PublishSmallCells: true}))
		},
		took: func(c *crash, body []byte) {
			job := decoded[client.Job](c.t, body)
			l.job, c.ledger.jobs[job.ID] = job.ID, job
		}}
}

// open asks for a draw that is decided soon. When its time is over before it could be asked for, the
// service refuses it, and a new request has a later time.
func (c *crash) open(l *list, decision string, in time.Duration) *post {
	at := time.Now().Add(in)
	return &post{key: "draw/" + decision + "/" + at.Format(time.RFC3339), who: registrar,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.OpenDraw(ctx, &client.OpenDrawParams{IdempotencyKey: key}, client.NewDraw{City: homeCity, Decision: decision,
				Register: l.id, Method: client.NewDrawMethodSimple, OnePerHousehold: true, Strata: []client.Stratum{{Seats: 4, Alternates: 2}},
				DrawTime: at.Unix(), Rehearsal: true}))
		},
		took: func(c *crash, body []byte) {
			d := decoded[client.Draw](c.t, body)
			c.ledger.draws[d.ID] = d
			c.isPublished(d)
		},
		again: func(c *crash) *post { return c.open(l, decision, 2*in) }}
}

func (c *crash) void(d client.Draw) *post {
	return &post{key: "void/" + d.ID, who: registrar,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.VoidDraw(ctx, d.ID, &client.VoidDrawParams{IdempotencyKey: key}, client.Void{Reason: "the question was withdrawn"}))
		},
		took: func(c *crash, body []byte) {
			now := decoded[client.Draw](c.t, body)
			c.ledger.draws[now.ID] = now
		}}
}
