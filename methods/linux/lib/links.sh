# shellcheck shell=sh
# What methods share that make links, set their options and let others join them. Each word of a command is passed as it
# is; nothing goes through a shell again.
#
# The handle holds lines, each written before the change that it tells of:
#   for inet-static          this stanza wants the link, which goes with the last that does
#   made 12                  the link was made here, and has this index
#   set miimon 100 was 0     this option was set, and had this value before
# and what the method adds. It is believed only where the kernel agrees.
set -fu
LC_ALL=C
export LC_ALL
nl='
'
: "${NETCONF_DRY_RUN:=}"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# plain NAME VALUE: what can be a word of a command and the name of a link.
plain() {
  case $2 in
  '' | -* | *[!A-Za-z0-9_.-]*) fail "$1: '$2' is no name that a link can have" ;;
  esac
}

exists() { [ -n "$(link_of "$1")" ]; }

# What the kernel says of a link, in one line.
link_of() { ip -d -o link show dev "$1" 2>/dev/null; }

# Sets link to that line, and index, flags, master and own to what stands in it; all are empty where there is no link.
look() {
  link=$(link_of "$1") index='' flags='' master='' below=''
  [ -n "$link" ] || return 0
  link="$link "
  index=${link%%:*}
  flags=${link#*<}
  flags=,${flags%%>*},
  word_of master
  master=$value
  below=${link#*: }
  below=${below%%:*}
  case $below in *@*) below=${below#*@} ;; *) below= ;; esac
}

# Sets value to the word after a word of link, behind the word $2 where one is given.
word_of() {
  words=$link
  [ -z "${2-}" ] || words=" ${link#*" $2 "}"
  case $words in
  *" $1 "*)
    value=${words#*" $1 "}
    value=${value%%[ \\]*}
    ;;
  *) value= ;;
  esac
}

# Does it belong to this master?
belongs_to() {
  [ "$master" = "$1" ]
}

is_up() {
  case $flags in *,UP,*) ;; *) return 1 ;; esac
}

# Sets text to what the handle says, a line each, with a line end before and after each.
read_handle() {
  text=$nl
  [ ! -f "${NETCONF_HANDLE-}" ] || text=$nl$(cat "$NETCONF_HANDLE")$nl
}

has() {
  case $text in *"$nl$1$nl"*) ;; *) return 1 ;; esac
}

# Sets value to what stands after a word that begins a line of the handle.
noted() {
  case $text in
  *"$nl$1 "*)
    value=${text#*"$nl$1 "}
    value=${value%%"$nl"*}
    ;;
  *) value= ;;
  esac
}

note() {
  has "$1" && return
  text=$text$1$nl
  if [ -n "$NETCONF_DRY_RUN" ] || [ -z "${NETCONF_HANDLE-}" ]; then return; fi
  printf '%s\n' "$1" >>"$NETCONF_HANDLE" || fail "cannot write $NETCONF_HANDLE"
}

# Puts the lines of text in place of the handle, all at once; without any there is none.
write_handle() {
  if [ -n "$NETCONF_DRY_RUN" ] || [ -z "${NETCONF_HANDLE-}" ]; then return; fi
  lines=${text#"$nl"}
  if [ -z "$lines" ]; then
    rm -f "$NETCONF_HANDLE"
  elif ! { printf '%s' "$lines" >"$NETCONF_HANDLE.new" && mv -f "$NETCONF_HANDLE.new" "$NETCONF_HANDLE"; }; then
    fail "cannot write $NETCONF_HANDLE"
  fi
}

forget() {
  case $text in
  *"$nl$1$nl"*) text=${text%%"$nl$1$nl"*}$nl${text#*"$nl$1$nl"} ;;
  esac
}

change() {
  if [ -n "$NETCONF_DRY_RUN" ]; then
    printf '%s\n' "$*"
    return
  fi
  said=$("$@" 2>&1) || fail "$IFACE: $*: $(first_line "$said")"
}

first_line() {
  said=${1#RTNETLINK answers: }
  printf '%s' "${said%%"$nl"*}"
}

# make MODULE KIND WORD...: adds the link, and says what is missing where the kernel does not know the kind.
make() {
  module=$1 kind=$2
  shift 2
  note made
  if [ -n "$NETCONF_DRY_RUN" ]; then
    printf '%s\n' "ip link add $*"
    return
  fi
  if ! said=$(ip link add "$@" 2>&1); then
    case $said in
    *'Unknown device type'* | *'Operation not supported'*)
      fail "$IFACE: the kernel has no links of the kind $kind: its module $module is missing"
      ;;
    esac
    # The module may have made one of this name itself when it was loaded.
    look "$IFACE"
    case $said:$link in
    *'File exists'*" $kind "*) ;;
    *) fail "$IFACE: ip link add $*: $(first_line "$said")" ;;
    esac
  fi
  look "$IFACE"
  note "made $index"
}

# remake MODULE KIND WORD...: in place of one that was made here and is no longer as it is wanted.
remake() {
  look "$IFACE"
  [ -z "$link" ] || change ip link del dev "$IFACE"
  forget "made $index"
  write_handle
  make "$@"
}

# make_right RIGHT ANY MODULE KIND WORD...: the link, where what the kernel says of it has not the words RIGHT yet; one that
# has not even the words ANY is somebody else's.
make_right() {
  right=$1 any=$2
  shift 2
  read_handle
  look "$IFACE"
  case $link in
  '' | *"$any"*) ;;
  *) is_made || fail "there is an interface $IFACE already, which is no $2" ;;
  esac
  note "for ${STANZA:-any}"
  case $link in
  *"$right"*) return ;;
  ?*) is_made || fail "there is a $2 $IFACE already, which is another than is wanted and was not made here" ;;
  esac
  remake "$@"
}

# Was the link that has the name now made here?
is_made() {
  [ -n "$index" ] && has "made $index"
}

# Takes this stanza's wish back. True when no other stanza wants the link any more.
last_wish() {
  forget "for ${STANZA:-any}"
  case $text in *"${nl}for "*) return 1 ;; esac
}

# take_back WORDS: deletes the link that was made here when the last stanza goes, while it is of the kind still: what the
# kernel says of it has these words.
take_back() {
  read_handle
  if ! last_wish; then
    write_handle
    return
  fi
  look "$IFACE"
  noted made
  # Without an index: cut off while it was being made.
  case $link:$value:$text in
  *"$1"*:"$index":* | *"$1"*::*"${nl}made$nl"*) change ip link del dev "$IFACE" ;;
  esac
  text=$nl
  write_handle
}

# plan_settings KIND: compares the options that the link has of a kind with SETTINGS, lines of a word and its value as
# `ip -d link` has them. Sets wanted to the words and values that have to be changed, and notes what was before. What was set before and is not wanted any
# more becomes again what it was.
plan_settings() {
  wanted=''
  while read -r word new; do
    [ -n "$word" ] || continue
    word_of "$word" "$1"
    [ "$value" != "$new" ] || continue
    former=$value
    case $text in
    *"${nl}set $word $former was "*)
      noted "set $word $former was"
      former=$value
      ;;
    esac
    note "set $word $new was $former"
    wanted="$wanted $word $new"
  done <<EOT
${SETTINGS-}
EOT
  while read -r mark word old _ former; do
    [ "$mark" = set ] || continue
    case $nl${SETTINGS-}$nl in *"$nl$word "*) continue ;; esac
    word_of "$word" "$1"
    if [ "$value" = "$old" ] && [ -n "$former" ]; then wanted="$wanted $word $former"; fi
    forget "set $word $old was $former"
  done <<EOT
$text
EOT
}

# change_settings WORD...: the command, with the words and values of wanted behind it.
change_settings() {
  for each in $wanted; do set -- "$@" "$each"; done
  [ -z "$wanted" ] || change "$@"
}

# query_link WORDS NAME: is the link there, and does what the kernel says of it have these words?
query_link() {
  look "$IFACE"
  case $link in
  *"$1"*) printf 'present %s\n' "$2" ;;
  '') printf 'missing %s\n' "$2" ;;
  *) printf 'different %s: there is another link of this name\n' "$2" ;;
  esac
}

# query_settings KIND
query_settings() {
  while read -r word new; do
    [ -n "$word" ] || continue
    word_of "$word" "$1"
    if [ "$value" = "$new" ]; then
      printf 'present %s %s\n' "$word" "$new"
    else
      printf 'different %s %s: it is %s\n' "$word" "$new" "${value:-none}"
    fi
  done <<EOT
${SETTINGS-}
EOT
}
