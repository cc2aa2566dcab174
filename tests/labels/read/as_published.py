"""Official lists with all that their published schemas put around what is read, a few entries long. Written from the
schemas, not copied: SDN_ADVANCED.XML's ID scheme and nesting, SDN.XML's, the EU's FSF 1.1, the UK Sanctions List."""

from __future__ import annotations

from tests.labels.lists import BLENDER, RONIN

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def advanced(space: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<Sanctions xmlns:xsi="{XSI}" xmlns="{space}" Version="1">
  <DateOfIssue CalendarTypeID="1"><Year>2026</Year><Month>8</Month><Day>20</Day></DateOfIssue>
  <ReferenceValueSets>
    <AliasTypeValues><AliasType ID="1400">A.K.A.</AliasType><AliasType ID="1403">Name</AliasType></AliasTypeValues>
    <DetailTypeValues><DetailType ID="1431">DATE</DetailType><DetailType ID="1432">TEXT</DetailType></DetailTypeValues>
    <FeatureTypeValues>
      <FeatureType ID="8" FeatureTypeGroupID="1">Birthdate</FeatureType>
      <FeatureType ID="344" FeatureTypeGroupID="1">Digital Currency Address - XBT</FeatureType>
      <FeatureType ID="345" FeatureTypeGroupID="1">Digital Currency Address - ETH</FeatureType>
    </FeatureTypeValues>
    <NamePartTypeValues>
      <NamePartType ID="1520">Last Name</NamePartType><NamePartType ID="1525">Entity Name</NamePartType>
    </NamePartTypeValues>
    <PartySubTypeValues>
      <PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType>
      <PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
      <PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType>
    </PartySubTypeValues>
    <PartyTypeValues>
      <PartyType ID="1">Individual</PartyType><PartyType ID="2">Entity</PartyType>
      <PartyType ID="4">Transport</PartyType>
    </PartyTypeValues>
    <SanctionsTypeValues>
      <SanctionsType ID="1705">Block</SanctionsType><SanctionsType ID="1">Program</SanctionsType>
    </SanctionsTypeValues>
    <ScriptValues><Script ID="215" ScriptCode="Latn">Latin</Script><Script ID="220">Cyrillic</Script></ScriptValues>
  </ReferenceValueSets>
  <Locations>
    <Location ID="25098"><LocationCountry CountryID="11120" CountryRelevanceID="1"/>
      <LocationPart LocPartTypeID="1454">
        <LocationPartValue Primary="true" LocPartValueTypeID="1" LocPartValueStatusID="1">
        <Comment/><Value>Pyongyang</Value></LocationPartValue></LocationPart>
    </Location>
  </Locations>
  <IDRegDocuments><IDRegDocument ID="1" IDRegDocTypeID="1571" IdentityID="13041" IssuedBy-CountryID="1">
    <Comment/><IDRegistrationNo>{BLENDER}</IDRegistrationNo></IDRegDocument></IDRegDocuments>
  <DistinctParties>
    <DistinctParty FixedRef="27307"><Comment/>
      <Profile ID="27307" PartySubTypeID="3">
        <Identity ID="13041" FixedRef="27307" Primary="true" False="false">
          {_alias("27307", 1400, "false", "HIDDEN COBRA")}
          {_alias("27307", 1403, "true", "LAZARUS GROUP")}
          <NamePartGroups><MasterNamePartGroup><NamePartGroup ID="1" NamePartTypeID="1525"/></MasterNamePartGroup>
          </NamePartGroups>
        </Identity>
        <Feature ID="49990" FeatureTypeID="345"><FeatureVersion ID="28826" ReliabilityID="1"><Comment/>
          <VersionDetail DetailTypeID="1432">{RONIN}</VersionDetail></FeatureVersion>
          <IdentityReference IdentityID="13041" IdentityFeatureLinkTypeID="1"/></Feature>
        <Feature ID="49991" FeatureTypeID="25"><FeatureVersion ID="28827" ReliabilityID="1"><Comment/>
          <VersionLocation LocationID="25098"/></FeatureVersion>
          <IdentityReference IdentityID="13041" IdentityFeatureLinkTypeID="1"/></Feature>
      </Profile>
    </DistinctParty>
    <DistinctParty FixedRef="35681"><Comment/>
      <Profile ID="35681" PartySubTypeID="4">
        <Identity ID="18000" FixedRef="35681" Primary="true" False="false">
          {_alias("35681", 1403, "true", "KIM", "Il")}
        </Identity>
        <Feature ID="5" FeatureTypeID="8"><FeatureVersion ID="6" ReliabilityID="1"><Comment/>
          <DatePeriod CalendarTypeID="1" YearFixed="false">
          <Start Approximate="false"><From><Year>1970</Year><Month>1</Month><Day>1</Day></From></Start>
          </DatePeriod><VersionDetail DetailTypeID="1431"/></FeatureVersion></Feature>
        <Feature ID="7" FeatureTypeID="344"><FeatureVersion ID="9" ReliabilityID="1"><Comment/>
          <VersionDetail DetailTypeID="1432">{BLENDER}</VersionDetail></FeatureVersion></Feature>
      </Profile>
    </DistinctParty>
  </DistinctParties>
  <ProfileRelationships><ProfileRelationship ID="1" From-ProfileID="35681" To-ProfileID="27307" RelationTypeID="15003"
    Former="false" SanctionsEntryID="27307"><Comment/></ProfileRelationship></ProfileRelationships>
  <SanctionsEntries>{_entry("27307", "DPRK3", (2019, 9, 13))}
    {_entry("35681", "CYBER2", (2018, 9, 6))}</SanctionsEntries>
</Sanctions>"""


def _alias(ref: str, kind: int, primary: str, *parts: str) -> str:
    told = "".join(
        f'<DocumentedNamePart><NamePartValue NamePartGroupID="1" ScriptID="215" ScriptStatusID="1" Acronym="false">'
        f"{one}</NamePartValue></DocumentedNamePart>"
        for one in parts
    )
    return (
        f'<Alias FixedRef="{ref}" AliasTypeID="{kind}" Primary="{primary}" LowQuality="false">'
        f'<DocumentedName ID="1" FixedRef="{ref}" DocNameStatusID="1">{told}</DocumentedName></Alias>'
    )


def _entry(profile: str, programme: str, day: tuple[int, int, int]) -> str:
    date = f"<Year>{day[0]}</Year><Month>{day[1]}</Month><Day>{day[2]}</Day>"
    return (
        f'<SanctionsEntry ID="{profile}" ProfileID="{profile}" ListID="1550"><EntryEvent ID="1" EntryEventTypeID="1" '
        f'LegalBasisID="1837"><Comment/><Date CalendarTypeID="1">{date}</Date></EntryEvent>'
        f'<SanctionsMeasure ID="1" SanctionsTypeID="1705"><Comment/></SanctionsMeasure>'
        f'<SanctionsMeasure ID="2" SanctionsTypeID="1"><Comment>{programme}</Comment></SanctionsMeasure>'
        f"</SanctionsEntry>"
    )


def sdn(space: str) -> str:
    return f"""<?xml version="1.0" standalone="yes"?>
<sdnList xmlns:xsi="{XSI}" xmlns="{space}">
  <publshInformation><Publish_Date>08/20/2026</Publish_Date><Record_Count>2</Record_Count></publshInformation>
  <sdnEntry><uid>27307</uid><lastName>LAZARUS GROUP</lastName><sdnType>Entity</sdnType>
    <programList><program>DPRK3</program></programList>
    <idList>
      <id><uid>1</uid><idType>Digital Currency Address - ETH</idType><idNumber>{RONIN}</idNumber></id>
      <id><uid>2</uid><idType>Secondary sanctions risk:</idType><idNumber>North Korea Regulations</idNumber></id>
    </idList>
    <akaList><aka><uid>3</uid><type>a.k.a.</type><category>strong</category><lastName>HIDDEN COBRA</lastName></aka>
    </akaList>
    <addressList><address><uid>4</uid><address1>Potonggang</address1><city>Pyongyang</city></address></addressList>
  </sdnEntry>
  <sdnEntry><uid>35681</uid><firstName>Il</firstName><lastName>KIM</lastName><title>Officer</title>
    <sdnType>Individual</sdnType><remarks>(Linked To: LAZARUS GROUP)</remarks>
    <programList><program>CYBER2</program><program>DPRK3</program></programList>
    <idList><id><uid>5</uid><idType>Digital Currency Address - XBT</idType><idNumber>{BLENDER}</idNumber></id></idList>
    <dateOfBirthList><dateOfBirthItem><uid>6</uid><dateOfBirth>1970</dateOfBirth><mainEntry>true</mainEntry>
    </dateOfBirthItem></dateOfBirthList>
    <nationalityList><nationality><uid>7</uid><country>Korea, North</country><mainEntry>true</mainEntry></nationality>
    </nationalityList>
  </sdnEntry>
</sdnList>"""


def eu() -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" xmlns:xsi="{XSI}"
  generationDate="2026-08-19T11:02:08.921+02:00" globalFileId="170001">
  <sanctionEntity designationDate="" designationDetails="" unitedNationId="KPe.031" euReferenceNumber="EU.3594.94"
    logicalId="8033">
    <remark>Also linked to weapons.</remark>
    <regulation regulationType="amendment" organisationType="commission" publicationDate="2016-05-20"
      entryIntoForceDate="2016-05-20" numberTitle="2016/785 (OJ L129)" programme="PRK" logicalId="90001">
      <publicationUrl>http://eur-lex.europa.eu/</publicationUrl></regulation>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias firstName="" middleName="" lastName="" wholeName="Reconnaissance General Bureau" function="" gender=""
      title="" nameLanguage="EN" strong="true" regulationLanguage="en" logicalId="1">
      <regulationSummary regulationType="amendment" publicationDate="2016-05-20" numberTitle="x" publicationUrl="x"/>
    </nameAlias>
    <nameAlias firstName="" middleName="" lastName="" wholeName="RGB" strong="false" logicalId="2"/>
    <address city="Pyongyang" countryIso2Code="KP" logicalId="3"><regulationSummary numberTitle="x"/></address>
    <identification diplomatic="false" knownExpired="false" number="12345" identificationTypeCode="regnumber"
      identificationTypeDescription="Registration Number" logicalId="4"/>
  </sanctionEntity>
</export>"""


def uk() -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Designations xmlns:xsi="{XSI}">
  <DateGenerated>20/08/2026</DateGenerated>
  <Designation>
    <LastUpdated>19/08/2026</LastUpdated><DateDesignated>22/07/2020</DateDesignated>
    <UniqueID>DPR0001</UniqueID><OFSIGroupID>13900</OFSIGroupID><UNReferenceNumber/>
    <Names>
      <Name><Name6>HIDDEN COBRA</Name6><NameType>Alias</NameType><AliasStrength>Good</AliasStrength></Name>
      <Name><Name1>LAZARUS</Name1><Name6>GROUP</Name6><NameType>Primary Name</NameType></Name>
    </Names>
    <NonLatinNames><NonLatinName><NameNonLatinScript>라자루스</NameNonLatinScript></NonLatinName></NonLatinNames>
    <RegimeName>The Democratic People’s Republic of Korea (Sanctions) (EU Exit) Regulations 2019</RegimeName>
    <IndividualEntityShip>Entity</IndividualEntityShip><DesignationSource>UK</DesignationSource>
    <SanctionsImposed>Asset freeze</SanctionsImposed>
    <SanctionsImposedIndicators><AssetFreeze>true</AssetFreeze></SanctionsImposedIndicators>
    <Addresses><Address><AddressLine1>Potonggang</AddressLine1><AddressCountry>North Korea</AddressCountry></Address>
    </Addresses>
    <UKStatementofReasons>Cyber attacks.</UKStatementofReasons>
  </Designation>
</Designations>"""
