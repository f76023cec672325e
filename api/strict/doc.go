// Package strict decodes a JSON request body and takes it only when it means one thing.
//
// [Decode] fills a value by its json tags and returns every fault it met, each with the JSON pointer
// of the member. It refuses what encoding/json lets through: unknown members, duplicate members,
// members that differ in case, null, numbers with a fraction where a whole number is due, bytes after
// the value, invalid UTF-8 and U+0000. A member without omitempty must be there.
//
// The package knows structs, pointers to structs, slices, maps of strings, strings, booleans, integers and
// [encoding/json.RawMessage], which holds an object byte for byte: the shapes of requests. Other kinds are a defect of the caller and panic.
package strict
