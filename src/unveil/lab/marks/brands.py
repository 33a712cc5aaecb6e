"""Names of icons that show a company, a product, a project or its format: never drawn as marks.

Icon sets carry such pictures beside the generic ones. A name is looked up with or without the
prefix of its set ("tabler-outline-", "mdi-", "bootstrap-" and so on).
"""

# ruff: noqa: SIM905 - long tables of words read better as one string

SET_PREFIXES = ("tabler-outline-", "tabler-filled-", "tabler-", "mdi-", "bi-")
"""Prefixes that tell icon sets apart within one folder; passed over when a name is looked up."""

EXACT = frozenset("""
arch babel blender-software bootstrap bootstrap-fill bootstrap-reboot box browser-chrome
browser-edge browser-firefox browser-safari cc-circle cc-circle-fill claude css3 deathly-hallows
electron-framework ember emby git gog html5 language line messenger meta meteor midi opera origin
pandora plex polymer qi react sass semantic-web slack steam svg symfony threads threads-fill unity
unreal waze wikipedia windows x-twitter xbox
""".split())  # fmt: skip
"""Names that are brands by themselves only: "git" is one, "git-branch" is not."""

FAMILIES = frozenset("""
airpods alexa alipay amazon amd android android2 angular angularjs ansible anthropic apache
app-indicator apple archlinux artstation atlassian aws azure balena behance bing bitbucket bitcoin
black-mesa bluesky bluetooth brand bulma centos chrome codepen cordova creative-commons cryengine
debian deno dev-to deviantart device-nintendo digital-ocean discord displayport disqus dlna docker
dolby dot-net dribbble dropbox drupal eslint ethereum evernote facebook favicon fedora figma
firebase firefox folder-google folder-wordpress font-awesome freebsd gatsby gentoo github gitlab
gmail gnome goodreads google graphql hdmi hololens home-assistant hubspot hulu humble-bundle
instagram iobroker ipod jabber javascript jira jquery jsfiddle kickstarter klingon kodi kubernetes
language laravel lastpass lego linkedin linux litecoin lumx manjaro mapbox mastodon
material-design material-ui medium michelin mickey microsoft minecraft nativescript netflix nfc
nintendo nix nodejs npm nuxt nvidia oci odnoklassniki olympic olympics onepassword
open-source-initiative openai opencollective openid pac-man pacman patreon paypal perplexity
pi-hole pinterest playstation pokeball pokemon powershell qqchat quora reddit redhat rollupjs
salesforce simple-icons sina-weibo skype snapchat sony soundcloud sourceforge spotify
stack-exchange stack-overflow stackpath strava stripe substack svelte tailwind teamviewer telegram
tencent-qq terraform thunderbolt tiktok trello triforce tux twitch twitter typescript ubisoft
ubuntu umbraco unicode usb vimeo vlc vuejs vuetify webpack webrtc wechat whatsapp wordpress
xamarin xbox xmpp yahoo yelp youtube z-wave zend zigbee zsh
""".split())  # fmt: skip
"""Names that are brands by themselves and before a dash: "google", "google-drive"."""

ANYWHERE = (
    "bluetooth", "dolby", "excel-box", "facebook", "github", "gitlab", "google", "hdmi", "lego-",
    "linkedin", "microsoft", "nintendo", "paypal", "playstation", "powerpoint", "twitter",
    "whatsapp", "wordpress", "xbox", "youtube",
)  # fmt: skip
"""Words that mark a brand at any place of a name."""


def is_brand(stem: str) -> bool:
    """True when a file of this name (without its ending) is to be left out."""
    name = stem.lower()
    for prefix in SET_PREFIXES:
        name = name.removeprefix(prefix)
    names = {name, name.removeprefix("bootstrap-")}
    return any(_listed(each) for each in names - {""}) or any(w in name for w in ANYWHERE)


def _listed(name: str) -> bool:
    parts = name.split("-")
    starts = {"-".join(parts[:i]) for i in range(1, len(parts) + 1)}
    return name in EXACT or not starts.isdisjoint(FAMILIES)
