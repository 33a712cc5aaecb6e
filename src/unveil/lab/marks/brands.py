"""Names of icons that show a company, a product, a project or its format: never drawn as marks.

Icon sets carry such pictures beside the generic ones. Names match whole words at the start of a file
name, with or without the prefix of a set ("tabler-", "mdi-", "bootstrap-" and so on).
"""

import re

SET_PREFIXES = ("tabler-outline-", "tabler-filled-", "tabler-", "mdi-", "bootstrap-", "bi-")
"""Prefixes that tell icon sets apart within one folder; passed over when a name is looked up."""

_STARTS = """
abjad-x airpods alexa alipay amazon amd android android2 angular angularjs ansible anthropic
apache apache-kafka api-brand app-indicator apple arch archlinux artstation ask-brand atlassian aws azure
babel balena behance bing bitbucket bitcoin black-mesa blender-software bluesky bluetooth bootstrap box-brand
brand bulma c-circle-brand centos chrome chromecast cast-brand claude codepen cordova creative-commons
cc-circle cryengine css3 debian deno dev-to deviantart digital-ocean discord displayport disqus dlna docker
dolby dot-net dribbble dropbox drupal electron-framework ember emby eslint ethereum evernote
facebook favicon fedora figma file-word-box-brand firebase firefox folder-google folder-wordpress
font-awesome freebsd french-fries-brand gatsby gentoo git github gitlab gmail gnome gog gog- goodreads
google graphql hdmi hdmi-port hololens home-assistant html5 hubspot hulu humble-bundle ideogram-x
instagram iobroker ipod jabber javascript jira jquery jsfiddle kickstarter kodi kubernetes
language laravel lastpass lego linkedin linux litecoin lumx manjaro mapbox mastodon material-design
material-ui medium messenger meta meteor mickey michelin microsoft minecraft minecart-brand nativescript
netflix nintendo nix nodejs npm nuxt nvidia oci odnoklassniki onepassword open-source-initiative
opencollective openai openid opera origin outlook pac-man pacman pandora patreon paypal perplexity pi-hole
pinterest playstation plex pokeball pokemon polymer powershell qi qqchat quora react reddit redhat rocket-chat
rollupjs salesforce sass semantic-web simple-icons sina-weibo skype slack snapchat sony soundcloud
sourceforge spotify stack-exchange stack-overflow stackpath steam strava stripe substack svelte symfony
tailwind teamviewer telegram tencent-qq terraform threads tiktok trello triforce tux twitch twitter typescript
ubisoft ubuntu umbraco unicode unity unreal vimeo vlc vuejs vuetify waze webpack webrtc wechat whatsapp
wikipedia windows wordpress xamarin xbox xmpp yahoo yelp youtube z-wave zend zigbee zoom-brand zsh
microsoft-xbox controller-classic-brand sd-brand usb thunderbolt nfc wifi-brand dharma-brand
infinity-brand line line-brand arch-brand chrome-brand browser-chrome browser-edge browser-firefox
browser-safari person-workspace-brand cc-brand olympic olympics deathly-hallows torii-brand klingon
umbrella-corp cash-app jedi jedi-order rebel galactic star-wars imperial ghost-pacman
""".split()  # noqa: SIM905 - a table of words reads better so

_ANYWHERE = ("facebook", "google", "microsoft", "apple-", "xbox", "playstation", "nintendo", "twitter",
             "linkedin", "youtube", "instagram", "whatsapp", "wordpress", "github", "gitlab", "android",
             "spotify", "paypal", "bluetooth", "wechat", "telegram", "windows", "linux", "brand-",
             "hdmi", "dolby", "powerpoint", "excel-box", "visa", "mastercard", "lego")  # fmt: skip

_START = re.compile("(?:" + "|".join(sorted(map(re.escape, _STARTS), key=len, reverse=True)) + r")(?![a-z0-9])")
_GENERIC = frozenset({"line-scan", "line", "windows-brand"})
"""Generic pictures whose names begin like a brand."""


def is_brand(stem: str) -> bool:
    """True when a file of this name (without its ending) is to be left out."""
    name = stem.lower()
    for prefix in SET_PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            name = name.removeprefix(prefix)
            break
    if name in _GENERIC:
        return False
    return bool(_START.match(name)) or any(word in name for word in _ANYWHERE)
