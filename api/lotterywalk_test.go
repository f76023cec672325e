package api_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"kleroterion/api/client"
)

// lotteryCalls go on where roundCalls end.
func lotteryCalls() []call {
	const lottery = `{"size":4,"panels":20,"quotas":[{"feature":"district","value":"north","min":2,"max":2},{"feature":"district","value":"south","min":2,"max":2}]}`
	return []call{
		{"checkQuotas", "POST", "/v1/registers/{register}/quotas", "reg", lottery, ""},
		{"startLottery", "POST", "/v1/registers/{register}/lotteries", "reg", lottery, ""},
		{"cancelLottery", "DELETE", "/v1/lotteries/{lottery}", "reg", "", ""},
		{"startLottery", "POST", "/v1/registers/{register}/lotteries", "reg", lottery, ""},
		{"listLotteries", "GET", "/v1/cities/example/lotteries", "aud", "", ""},
		{"getLottery", "GET", "/v1/lotteries/{lottery}", "aud", "", ""},
		{"openDraw", "POST", "/v1/draws", "reg", `{"city":"example","decision":"panel","register":"{register}","method":"panels","lottery":"{lottery}","draw_time":{drawtime},"rehearsal":true}`, ""},
		{"getLotteryFile", "GET", "/v1/lotteries/{lottery}/file", "", "", ""},
		{"getLotteryReport", "GET", "/v1/lotteries/{lottery}/report.json", "", "", ""},
		{"getLotteryReportTable", "GET", "/v1/lotteries/{lottery}/report.csv", "", "", ""},
		{"getLotteryReportPage", "GET", "/v1/lotteries/{lottery}/report.html", "", "", ""},
		{"getDrawReport", "GET", "/v1/draws/{paneldraw}/report.json", "", "", ""},
		{"getDrawReportTable", "GET", "/v1/draws/{paneldraw}/report.csv", "", "", ""},
		{"getDrawReportPage", "GET", "/v1/draws/{paneldraw}/report.html", "", "", ""},
		{"listAlternates", "GET", "/v1/draws/{paneldraw}/alternates?n=3", "", "", ""},
	}
}

// learnLottery takes names from answers, and waits for what the next request needs.
func (w *town) learnLottery(id string, got reply, names map[string]string) {
	w.t.Helper()
	switch id {
	case "startLottery":
		names["lottery"] = strings.TrimPrefix(got.header.Get("Location"), "/v1/lotteries/")
		if names["drawtime"] != "" { // the first one is cancelled, whatever its job has done
			_, err := w.as(w.registrar).WaitJob(w.t.Context(), "lottery-"+names["lottery"], nil)
			must(w.t, err)
		}
		names["drawtime"] = fmt.Sprint(w.clock.Load() + 60)
	case "openDraw":
		var d client.Draw
		must(w.t, json.Unmarshal([]byte(got.body), &d))
		if d.Lottery != "" {
			names["paneldraw"] = w.drawn(d).ID
		}
	}
}
