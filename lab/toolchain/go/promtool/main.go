// Command promtool evaluates Prometheus rules: `promtool test rules FILE...` and `promtool check rules FILE...`,
// as Prometheus' own promtool does, and nothing else.
//
// Its other commands bring every service discovery with them, thousands of packages of clouds' SDKs. How rules
// are tested is not written anew: unittest.go is Prometheus' own, copied from its module when this is built.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// Names that unittest.go takes from the other files of promtool, as parseTime below.
const (
	successExitCode = 0
	failureExitCode = 1
)

func main() {
	if len(os.Args) < 4 || os.Args[2] != "rules" {
		usage()
	}
	rules := parser.NewParser(parser.Options{})
	files := os.Args[3:]
	switch os.Args[1] {
	case "test":
		options := promqltest.LazyLoaderOpts{EnableAtModifier: true, EnableNegativeOffset: true}
		os.Exit(RulesUnitTest(options, rules, nil, false, false, false, files...))
	case "check":
		os.Exit(check(rules, files))
	default:
		usage()
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: promtool test rules FILE... | promtool check rules FILE...")
	os.Exit(2)
}

// check parses the groups of rules as Prometheus does when it loads them.
func check(rules parser.Parser, files []string) int {
	code := successExitCode
	for _, file := range files {
		_, problems := rulefmt.ParseFile(file, false, model.UTF8Validation, rules, promslog.NewNopLogger())
		for _, problem := range problems {
			fmt.Fprintln(os.Stderr, problem)
			code = failureExitCode
		}
	}
	return code
}

// parseTime reads seconds since the epoch or RFC 3339.
func parseTime(text string) (time.Time, error) {
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		seconds, rest := math.Modf(number)
		return time.Unix(int64(seconds), int64(rest*float64(time.Second))).UTC(), nil
	}
	if moment, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return moment, nil
	}
	return time.Time{}, fmt.Errorf("cannot parse %q to a valid timestamp", text)
}
