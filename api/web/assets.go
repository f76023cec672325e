package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// types of the assets that pages load. The scripts are built from ballotbox.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
}

// readAssets returns the files and one digest of them all, which is part of their address.
func readAssets() (assets map[string][]byte, tag string, err error) {
	list, err := files.ReadDir("assets")
	if err != nil {
		return nil, "", err
	}
	assets, sum := map[string][]byte{}, sha256.New()
	for _, f := range list { // by name
		if assetTypes[path.Ext(f.Name())] == "" {
			continue
		}
		data, err := files.ReadFile("assets/" + f.Name())
		if err != nil {
			return nil, "", err
		}
		assets[f.Name()] = data
		sum.Write(data)
	}
	return assets, hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// asset serves stylesheet and scripts. Their path has a digest of them, so they can be kept for ever.
func (p *Pages) asset(c *gin.Context) error {
	name := c.Param("file")
	data, ok := p.assets[name]
	if !ok || c.Param("tag") != p.tag {
		return service.Refuse(service.KindNotFound, "not_found", "There is no such file.")
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, assetTypes[path.Ext(name)], data)
	return nil
}
