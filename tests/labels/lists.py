"""Lists as their publishers write them, made of a few entries. The official forms are written from documentation."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import NamedTuple
from xml.sax.saxutils import escape

from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.formats import read_list

RONIN = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
BLENDER = "3NDzzVxiLBUs1WPvVGRfCYDTAD2Ua2PvW4"
TRON = "TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq"
LITECOIN = "LeKvNdNEzgQkzVVnRdV3fAu2DSF1nLsNw6"
SPACES = {
    "advanced": "http://www.un.org/sanctions/1.0",
    "sdn": "http://tempuri.org/sdnList.xsd",
    "eu": "http://eu.europa.ec/fpi/fsd/export",
    "uk": "http://schemas.hmtreasury.gov.uk/ofsi/consolidatedlist",
}


class Party(NamedTuple):
    """Somebody on a list: ``addresses`` are (ticker, address)."""

    name: str
    programme: str = "DPRK3"
    addresses: Sequence[tuple[str, str]] = ()
    listed: str = "2019-09-13"
    aliases: Sequence[str] = ()


LAZARUS = Party("LAZARUS GROUP", "DPRK3", [("ETH", RONIN), ("XBT", BLENDER)], aliases=["HIDDEN COBRA"])
OTHERS = (Party("SUEX OTC, S.R.O.", "CYBER2", [("LTC", LITECOIN), ("USDT", TRON)], "2021-09-21"), Party("KIM", "DPRK2"))
PARTIES = (LAZARUS, *OTHERS)


def read(text: str, name: str = "list.xml", **options: str) -> LabelList:
    return read_list(text.encode(), options.pop("format", ""), name=name, **options)


def advanced(parties: Iterable[Party] = PARTIES, date: str = "2026-08-20", space: str = SPACES["advanced"]) -> str:
    parties = list(parties)
    tickers = sorted({ticker for one in parties for ticker, _ in one.addresses})
    types = {ticker: 300 + n for n, ticker in enumerate(tickers)}
    features = "".join(
        f'<FeatureType ID="{number}" FeatureTypeGroupID="1">Digital Currency Address - {ticker}</FeatureType>'
        for ticker, number in types.items()
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Sanctions xmlns="{space}">{_day("DateOfIssue", date)}'
        f'<ReferenceValueSets><PartySubTypeValues><PartySubType ID="3">Unknown</PartySubType></PartySubTypeValues>'
        f'<SanctionsTypeValues><SanctionsType ID="1">Program</SanctionsType></SanctionsTypeValues>'
        f'<FeatureTypeValues>{features}<FeatureType ID="9">Website</FeatureType></FeatureTypeValues>'
        f"</ReferenceValueSets><Locations><Location ID='1'/></Locations><DistinctParties>"
        + "".join(_party(number, one, types) for number, one in enumerate(parties, start=1))
        + "</DistinctParties><SanctionsEntries>"
        + "".join(_entry(number, one) for number, one in enumerate(parties, start=1))
        + "</SanctionsEntries></Sanctions>"
    )


def _day(name: str, date: str) -> str:
    year, month, day = date.split("-")
    return f'<{name} CalendarTypeID="1"><Year>{year}</Year><Month>{int(month)}</Month><Day>{int(day)}</Day></{name}>'


def _party(number: int, party: Party, types: dict[str, int]) -> str:
    names = [(party.name, "true"), *((alias, "false") for alias in party.aliases)]
    aliases = "".join(
        f'<Alias Primary="{primary}"><DocumentedName><DocumentedNamePart><NamePartValue>{escape(name)}'
        f"</NamePartValue></DocumentedNamePart></DocumentedName></Alias>"
        for name, primary in reversed(names)
    )
    features = "".join(
        f'<Feature FeatureTypeID="{types[ticker]}"><FeatureVersion><Comment/><VersionDetail DetailTypeID="1432">'
        f"{escape(address)}</VersionDetail></FeatureVersion></Feature>"
        for ticker, address in party.addresses
    )
    return (
        f'<DistinctParty FixedRef="{number}"><Profile ID="{number}" PartySubTypeID="3"><Identity>{aliases}</Identity>'
        f'{features}<Feature FeatureTypeID="9"><FeatureVersion><VersionDetail>suex.io</VersionDetail>'
        f"</FeatureVersion></Feature></Profile></DistinctParty>"
    )


def _entry(number: int, party: Party) -> str:
    return (
        f'<SanctionsEntry ProfileID="{number}" ListID="1550"><EntryEvent>{_day("Date", party.listed)}</EntryEvent>'
        f'<SanctionsMeasure SanctionsTypeID="1"><Comment>{party.programme}</Comment></SanctionsMeasure>'
        f'<SanctionsMeasure SanctionsTypeID="2"><Comment/></SanctionsMeasure></SanctionsEntry>'
    )


def sdn(parties: Iterable[Party] = PARTIES, date: str = "08/20/2026", space: str = SPACES["sdn"]) -> str:
    parties = list(parties)
    entries = "".join(
        f"<sdnEntry><uid>{number}</uid><lastName>{escape(one.name)}</lastName><sdnType>Entity</sdnType><programList>"
        f"<program>{one.programme}</program></programList><idList>"
        + "".join(
            f"<id><idType>Digital Currency Address - {ticker}</idType><idNumber>{escape(address)}</idNumber></id>"
            for ticker, address in one.addresses
        )
        + "<id><idType>Website</idType><idNumber>suex.io</idNumber></id></idList><akaList>"
        + "".join(f"<aka><lastName>{escape(alias)}</lastName></aka>" for alias in one.aliases)
        + "</akaList></sdnEntry>"
        for number, one in enumerate(parties, start=1)
    )
    head = f"<Publish_Date>{date}</Publish_Date><Record_Count>{len(parties)}</Record_Count>"
    head = f"<publshInformation>{head}</publshInformation>"
    return f'<?xml version="1.0"?><sdnList xmlns="{space}">{head}{entries}</sdnList>'


def sdn_csv(parties: Iterable[Party] = PARTIES) -> str:
    told = StringIO()
    writer = csv.writer(told, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for number, one in enumerate(parties, start=1):
        said = [f"Digital Currency Address - {ticker} {address}" for ticker, address in one.addresses]
        said += [f"a.k.a. '{alias}'" for alias in one.aliases]
        remarks = "; alt. ".join(said) + "." if said else "-0- "
        writer.writerow([number, one.name, "-0- ", one.programme, *["-0- "] * 7, remarks])
    return told.getvalue() + "\x1a"


def un(
    names: Iterable[str] = ("RECONNAISSANCE GENERAL BUREAU", "KOMID"), date: str = "2026-02-27T00:00:09.554Z"
) -> str:
    entities = "".join(
        f"<ENTITY><FIRST_NAME>{escape(name)}</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPe.{number:03}"
        f"</REFERENCE_NUMBER><LISTED_ON>2016-03-02</LISTED_ON><ENTITY_ALIAS><ALIAS_NAME>RGB</ALIAS_NAME></ENTITY_ALIAS>"
        f"<ENTITY_ALIAS><QUALITY/><ALIAS_NAME/></ENTITY_ALIAS></ENTITY>"
        for number, name in enumerate(names)
    )
    head = f'<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="{date}">'
    return f"{head}<ENTITIES>{entities}</ENTITIES></CONSOLIDATED_LIST>"


def eu(names: Iterable[str] = ("Reconnaissance General Bureau",), space: str = SPACES["eu"]) -> str:
    entities = "".join(
        f'<sanctionEntity euReferenceNumber="EU.{number}"><regulation entryIntoForceDate="2017-03-01" programme="PRK"/>'
        f'<regulation entryIntoForceDate="2016-05-20" programme="PRK"/><subjectType code="enterprise"/>'
        f'<nameAlias wholeName="{escape(name)}"/><nameAlias wholeName="RGB"/><identification '
        f'identificationTypeDescription="Digital Currency Address - XBT" number="{BLENDER}"/></sanctionEntity>'
        for number, name in enumerate(names)
    )
    head = f'<?xml version="1.0"?><export xmlns="{space}" generationDate="2026-08-01T10:00:00.000+02:00">'
    return f"{head}{entities}</export>"


UK_HEADS = (
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Group Type,Alias Type,Regime,Listed On,Last Updated,Group ID"
)


def uk_csv(names: Iterable[str] = ("LAZARUS GROUP",)) -> str:
    lines = [f"{name},,,,,,,Entity,Primary name,DPR Korea,22/07/2020,31/12/2020,{n}" for n, name in enumerate(names)]
    lines += [f"HIDDEN,COBRA,,,,,,Entity,AKA,DPR Korea,22/07/2020,31/12/2020,{n}" for n in range(len(lines))]
    return "\n".join(["Last Updated,27/01/2026", UK_HEADS, *lines]) + "\n"


def uk_list(names: Iterable[str] = ("LAZARUS GROUP",)) -> str:
    entries = "".join(
        f"<Designation><LastUpdated>27/01/2026</LastUpdated><DateDesignated>22/07/2020</DateDesignated><UniqueID>DPR{number}"
        f"</UniqueID><OFSIGroupID>1</OFSIGroupID><Names><Name><Name1>HIDDEN</Name1><Name6>COBRA</Name6><NameType>Alias"
        f"</NameType></Name><Name><Name6>{escape(name)}</Name6><NameType>Primary Name</NameType></Name></Names>"
        f"<RegimeName>DPR Korea</RegimeName><IndividualEntityShip>Entity</IndividualEntityShip></Designation>"
        for number, name in enumerate(names)
    )
    return f'<?xml version="1.0"?><Designations>{entries}</Designations>'


def uk_xml(names: Iterable[str] = ("LAZARUS GROUP",), space: str = SPACES["uk"]) -> str:
    targets = "".join(
        f"<FinancialSanctionsTarget><name6>{escape(name)}</name6><GroupTypeDescription>Entity</GroupTypeDescription>"
        f"<AliasType>Primary name</AliasType><RegimeName>DPR Korea</RegimeName><DateListed>2020-07-22T00:00:00"
        f"</DateListed><LastUpdated>2020-12-31T00:00:00</LastUpdated><GroupID>{number}</GroupID></FinancialSanctionsTarget>"
        for number, name in enumerate(names)
    )
    root = "ArrayOfFinancialSanctionsTarget"
    return f'<?xml version="1.0"?><{root} xmlns="{space}">{targets}</{root}>'
