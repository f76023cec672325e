package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kleroterion/cmd/kleroterion/town"
	"kleroterion/service"
)

// intake is one import through the use cases, and what it took.
type intake struct {
	house    *house
	register service.Register
	imported time.Duration // from the first byte of the upload until the job is done
	core     time.Duration // processor time of the import, on all cores
	frozen   time.Duration // from the request until the register is committed to
	grown    memory        // during the import
}

// residents returns the path of a town's file of n rows, which is written once.
func (b *bench) residents(n int) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("residents-%d.csv", n))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	b.status.say("inventing %s residents", short(n))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	return path, errors.Join(town.Write(f, [32]byte{1}, n), f.Close())
}

// take imports and freezes n residents in the database at url. The caller closes the house.
func (b *bench) take(ctx context.Context, url string, n int) (*intake, error) {
	path, err := b.residents(n)
	if err != nil {
		return nil, err
	}
	h, err := newHouse(ctx, url)
	if err != nil {
		return nil, err
	}
	in := &intake{house: h}
	if err := in.fill(ctx, b, path); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return in, nil
}

func (in *intake) fill(ctx context.Context, b *bench, path string) (err error) {
	in.register, err = in.house.AddRegister(ctx, registrar(), service.NewRegister{City: city, Name: "residents", Mapping: []byte(town.Mapping)})
	if err != nil {
		return err
	}
	b.status.say("importing %s", filepath.Base(path))
	in.grown, err = watch(func() (err error) {
		start := time.Now()
		in.core, err = onCore(func() error { return in.upload(ctx, path) })(ctx)
		in.imported = time.Since(start)
		return err
	})
	if err != nil {
		return err
	}
	b.status.say("freezing %s", filepath.Base(path))
	start := time.Now()
	job, err := in.house.FreezeRegister(ctx, registrar(), in.register.ID, service.Freeze{PublishSmallCells: true})
	if err != nil {
		return err
	}
	if err := in.house.done(ctx, job.ID); err != nil {
		return err
	}
	in.frozen = time.Since(start)
	return nil
}

func (in *intake) upload(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	job, err := in.house.Upload(ctx, registrar(), in.register.ID, false, f)
	if err != nil {
		return err
	}
	return in.house.done(ctx, job.ID)
}

// importRows imports into SQLite, once with a quarter of the rows to see what memory does.
func importRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.people
	file := filepath.Join(b.dir, "import.db")
	all, err := b.take(ctx, "sqlite:"+file, n)
	if err != nil {
		return nil, err
	}
	if err := all.house.close(); err != nil {
		return nil, err
	}
	b.status.say("bare insert of the same rows")
	insert, err := bareSQLite(ctx, file, filepath.Join(b.dir, "bare.db"))
	if err != nil {
		return nil, err
	}
	quarter, err := b.take(ctx, "sqlite:"+filepath.Join(b.dir, "quarter.db"), n/4)
	if err != nil {
		return nil, err
	}
	return all.rows("import."+short(n), n, insert, quarter.grown), quarter.house.close()
}

func (in *intake) rows(name string, n int, insert time.Duration, quarter memory) []Row {
	speed := Row{Name: name, What: "upload, check and store a town's CSV file through the use cases", Figure: took(in.imported)}
	heap := Row{Name: name + ".heap", What: "heap while importing", Figure: size(in.grown.heap)}
	rows := []Row{
		speed.against(took(insert), "insert of the same rows with the same pragmas").promise(at(n, within(took(time.Minute)))),
		{Name: name + ".core", What: "processor time of the same, which others on the machine do not lengthen", Figure: took(in.core)},
		{Name: name + ".freeze", What: "sort, root, public pages, record in the log", Figure: took(in.frozen)},
		heap.against(size(quarter.heap), "the same with a quarter of the rows"),
	}
	if quarter.resident > 0 {
		resident := Row{Name: name + ".resident", What: "memory of the process while importing", Figure: size(in.grown.resident)}
		rows = append(rows, resident.against(size(quarter.resident), "the same with a quarter of the rows"))
	}
	return rows
}
