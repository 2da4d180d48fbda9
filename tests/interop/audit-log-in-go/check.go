// Checks an exported audit log with Go's sumdb packages: the notes, the tiles, every entry, and the proofs.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// input is the file that the test writes.
type input struct {
	VerifierKey string
	Folder      string
	Earlier     string
	Inclusion   []struct {
		Index int64
		Proof []string
	}
	Consistency []string
}

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func toHash(text string) tlog.Hash {
	bytes, err := base64.StdEncoding.DecodeString(text)
	must(err, "hash")
	var hash tlog.Hash
	copy(hash[:], bytes)
	return hash
}

func toHashes(texts []string) []tlog.Hash {
	hashes := []tlog.Hash{}
	for _, text := range texts {
		hashes = append(hashes, toHash(text))
	}
	return hashes
}

// open checks the signature of a checkpoint and reads its three lines.
func open(signed string, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	must(err, "note.Open")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("%q", opened.Text), "checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	return tlog.Tree{N: size, Hash: toHash(lines[2])}
}

// folderTiles reads tiles of C2SP tlog-tiles, whose paths have no height.
type folderTiles struct{ folder string }

func (f folderTiles) Height() int { return 8 }

func (f folderTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := [][]byte{}
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func (f folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}

// readEntries reads all bundles of entries.
func readEntries(folder string, size int64) [][]byte {
	entries := [][]byte{}
	for index := int64(0); index*256 < size; index++ {
		width := size - index*256
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: index, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(folder, path))
		must(err, "bundle")
		for len(bundle) > 0 {
			length := binary.BigEndian.Uint16(bundle)
			entries = append(entries, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return entries
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err, "input")
	var in input
	must(json.Unmarshal(text, &in), "input")
	verifier, err := note.NewVerifier(in.VerifierKey)
	must(err, "note.NewVerifier")
	signed, err := os.ReadFile(filepath.Join(in.Folder, "checkpoint"))
	must(err, "checkpoint")
	tree, earlier := open(string(signed), verifier), open(in.Earlier, verifier)

	entries := readEntries(in.Folder, tree.N)
	if int64(len(entries)) != tree.N {
		must(fmt.Errorf("%d entries for a size of %d", len(entries), tree.N), "entries")
	}
	// It compares each tile with the root hash.
	reader := tlog.TileHashReader(tree, folderTiles{in.Folder})
	for i, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		must(err, "tlog.ProveRecord")
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry)), "tlog.CheckRecord")
	}
	for _, claim := range in.Inclusion {
		leaf := tlog.RecordHash(entries[claim.Index])
		must(tlog.CheckRecord(toHashes(claim.Proof), tree.N, tree.Hash, claim.Index, leaf), "our inclusion proof")
	}
	must(tlog.CheckTree(toHashes(in.Consistency), tree.N, tree.Hash, earlier.N, earlier.Hash), "our consistency proof")
	fmt.Printf("%d entries, %d inclusion proofs, consistent since %d\n", tree.N, len(in.Inclusion), earlier.N)
}
