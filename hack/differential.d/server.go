// What Go's net/http saw of a request, as lines of hex. Run by hack/differential.
package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	server := http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(report)}
	panic(server.ListenAndServe())
}

func encoded(text string) string { return hex.EncodeToString([]byte(text)) }

func report(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "m %s\nt %s\nh %s %s\n", encoded(request.Method), encoded(request.RequestURI), encoded("Host"), encoded(request.Host))
	for name, values := range request.Header {
		for _, value := range values {
			fmt.Fprintf(&lines, "h %s %s\n", encoded(name), encoded(value))
		}
	}
	fmt.Fprintf(&lines, "b %s\n", hex.EncodeToString(body))
	if request.Method == "HEAD" {
		response.Header().Set("X-Report", encoded(lines.String()))
	}
	response.Header().Set("Content-Length", strconv.Itoa(lines.Len()))
	io.WriteString(response, lines.String())
}
