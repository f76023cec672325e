package register

import "strings"

// The column names that Guess knows, in the form of headerKey. English, German, French, Italian,
// Spanish, Portuguese, Dutch, Swedish, Danish or Norwegian, and Polish.

// personNames are ordered from the surest to the least sure.
var personNames = strings.Fields(`
	personid personnumber residentid residentnumber citizenid voterid electornumber respondentid
	nationbuilderid uniqueid externalid uid uuid
	personennummer personnummer persnr einwohnernummer einwohnernr registernummer
	idpersonne numeropersonne idpersona numeropersona idpessoa persoonsnummer personnr
	id ident identifier kennung kennummer laufnummer lfdnr laufendenummer identifiant identificativo
	identificador identyfikator identificatie
	nr no num number nummer numero numer`)

// bareNumbers may be a house number when they stand beside a street.
var bareNumbers = strings.Fields(`nr no num number nummer numero numer`)

var nameNames = strings.Fields(`
	name fullname firstname lastname middlename givenname givennames familyname surname forename
	forenames title vorname vornamen nachname familienname zuname prenom prenoms nom nomdefamille
	nombre nombres apellido apellidos primerapellido segundoapellido nome cognome sobrenome apelido
	voornaam voornamen achternaam tussenvoegsel fornamn efternamn namn fornavn efternavn etternavn
	navn imie nazwisko`)

var streetNames = strings.Fields(`
	address address1 addressline1 primaryaddress1 street streetname streetaddress adresse strasse str
	rue voie calle via direccion indirizzo rua endereco morada straat straatnaam adres gata
	gatuadress gate gade vej adress ulica`)

var addressNames = append(strings.Fields(`
	address2 address3 addressline2 addressline3 primaryaddress2 primaryaddress3 adresse1 adresse2
	adresszusatz complement complementadresse
	housenumber houseno streetnumber streetno flat flatnumber apartment unit hausnummer hausnr hnr
	strassenr numerorue numerocivico civico huisnummer huisnr husnummer husnr nrdomu nrmieszkania
	zip zipcode ziproyalmail postcode postalcode primaryzip plz postleitzahl plzort codepostal cp
	codigopostal cap cep postkod postnr postnummer kodpocztowy
	city town primarycity village ort stadt wohnort gemeinde ville commune ciudad localidad municipio
	citta comune cidade localidade plaats woonplaats stad postort poststed postby miasto miejscowosc`),
	streetNames...)

var contactNames = strings.Fields(`
	email emailaddress mail phone phonenumber telephone telephonenumber tel mobile mobilenumber
	mobilephone cell cellphone landline contact telefon telefonnummer telefonnr handy handynummer
	mobil mobilnummer mobiltelefon courriel adressemail adresseemail telefono telefonofijo movil
	celular correo correoelectronico cellulare telefone telemovel telefoonnummer telefoon epost
	epostadress telefonkomorkowy`)

// featureNames leave out what the law protects most; such columns are mapped by hand.
var featureNames = []struct {
	feature string
	columns []string
}{
	{"age_group", strings.Fields(`agegroup ageband agebracket agerange agecategory altersgruppe altersklasse
		trancheage tranchedage groupedage grupoedad grupodeedad fasciaeta fasciadieta faixaetaria grupoetario
		leeftijdsgroep leeftijdscategorie aldersgrupp aldersgruppe grupawiekowa`)},
	{"age", strings.Fields(`age alter edad eta idade leeftijd alder wiek`)},
	{"gender", strings.Fields(`gender sex geschlecht genre sexe genero sexo genere sesso geslacht kon kjonn plec`)},
	{"district", strings.Fields(`district citydistrict bezirk stadtbezirk distrito distretto distrikt dzielnica arrondissement stadsdel bydel`)},
	{"ward", strings.Fields(`ward electoralward wahlkreis wahlbezirk kieskring okreg`)},
	{"neighbourhood", strings.Fields(`neighbourhood neighborhood quarter stadtteil ortsteil stadtviertel quartier barrio quartiere bairro wijk buurt osiedle`)},
	{"borough", strings.Fields(`borough`)},
	{"region", strings.Fields(`region bundesland kanton canton province provincia provincie regione regiao wojewodztwo`)},
	{"education", strings.Fields(`education educationlevel levelofeducation educationallevel highesteducation qualification
		bildung bildungsstand bildungsniveau bildungsabschluss schulabschluss niveauetudes niveaudetudes diplome
		educacion niveleducativo niveldeestudios istruzione titolodistudio titolostudio escolaridade opleiding
		opleidingsniveau utbildning utbildningsniva uddannelse utdanning wyksztalcenie`)},
	{"employment", strings.Fields(`employment employmentstatus erwerbsstatus erwerbstatigkeit situationprofessionnelle situacionlaboral
		condizioneprofessionale situacaoprofissional arbeidssituatie sysselsattning beskaeftigelse zatrudnienie`)},
	{"housing", strings.Fields(`housing housingtenure tenure wohnform wohnsituation logement vivienda abitazione habitacao woonsituatie boende bolig mieszkanie`)},
}
