package store

import (
	"errors"
	"fmt"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	modernc "modernc.org/sqlite"
)

// dialect names the SQL of a database, as goose and GORM do.
type dialect string

const (
	dialectSQLite   dialect = "sqlite"
	dialectPostgres dialect = "postgres"
)

// sqliteDialector is GORM's SQLite dialect over the pure Go driver. It embeds the concrete type,
// because GORM finds savepoints by asserting on methods that gorm.Dialector lacks.
type sqliteDialector struct{ *sqlite.Dialector }

// The extended result codes of sqlite.org/rescode.html that have a meaning here.
const (
	sqliteCheck      = 275
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// Translate replaces that of the dialect, which understands another driver's errors only.
func (sqliteDialector) Translate(err error) error {
	var e *modernc.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlitePrimaryKey, sqliteUnique:
		return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
	case sqliteForeignKey:
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	case sqliteCheck:
		return fmt.Errorf("%w: %w", gorm.ErrCheckConstraintViolated, err)
	}
	return err
}

// newGORM wraps a pool or a single connection. GORM logs nothing: errors are returned, and statements hold personal data.
func newGORM(pool gorm.ConnPool, d dialect) (*gorm.DB, error) {
	var dialector gorm.Dialector
	switch d {
	case dialectPostgres:
		dialector = &postgres.Dialector{Config: &postgres.Config{Conn: pool}}
	default:
		dialector = sqliteDialector{&sqlite.Dialector{DriverName: "sqlite", Conn: pool}}
	}
	g, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true, // every statement already runs in ours
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("object mapper: %w", err)
	}
	return g, nil
}
