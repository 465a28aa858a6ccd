# shellcheck shell=sh
# A controller of CAN, as `ip link set type can` and `ip -d link show` name what it has. It takes changes while its link is
# down.
#   want_timing       bitrate 125000 sample-point 0.875
#   want_controller   lines of WORD VALUE: listen-only on, restart-ms 100
#   have_timing have_controller   the same of the kernel, where have_controller knows every word
# In the handle stand notes: `can bitrate 125000 sample-point 0.87` of the timing that was asked for, as a controller takes
# what comes next to it; `can listen-only on was off`.

want_timing='' want_controller=$nl have_timing=''

# can <LISTEN-ONLY> state STOPPED (berr-counter tx 0 rx 0) restart-ms 0, and then: bitrate 125000 sample-point 0.875
read_controller() {
  if [ "$word" = bitrate ]; then
    have_timing="bitrate $rest"
    return
  fi
  modes=,
  case $rest in '<'*) modes=,${rest#<} modes=${modes%%>*}, ;; esac
  for mode in LOOPBACK:loopback LISTEN-ONLY:listen-only TRIPLE-SAMPLING:triple-sampling ONE-SHOT:one-shot \
    BERR-REPORTING:berr-reporting; do
    case $modes in *",${mode%:*},"*) value=on ;; *) value=off ;; esac
    have_controller="$have_controller${mode#*:} $value$nl"
  done
  value=${rest#*restart-ms }
  have_controller="${have_controller}restart-ms ${value%% *}$nl"
}

# setting_of LIST WORD: sets value; fails where there is none.
setting_of() {
  value=
  case $1 in *"$nl$2 "*) ;; *) return 1 ;; esac
  value=${1#*"$nl$2 "}
  value=${value%%"$nl"*}
}

plan_controller() {
  changes=
  if ! has_timing; then
    changes="link set dev $device type can $want_timing$nl"
    for_each "$own_notes" forget_timing
    added="$added+ note can $want_timing$nl"
  fi
  for_each "$want_controller" plan_setting
  plan_stale_controller
  [ -n "$changes" ] || return 0
  ! is_up || batch="${batch}link set dev $device down$nl"
  link_flags=
  batch=$batch$changes
}

# A bit rate within 5 % of what was asked for is what the kernel made of it (CAN_CALC_MAX_ERROR).
has_timing() {
  [ "$want_timing" != "$have_timing" ] || return 0
  case $own_notes in *"${nl}can $want_timing$nl"*) ;; *) return 1 ;; esac
  value=${have_timing#bitrate }
  value=$((${value%% *} - IF_BITRATE))
  [ "$((${value#-} * 20))" -le "$IF_BITRATE" ]
}

forget_timing() {
  case $item in 'can bitrate '*) [ "$item" = "can $want_timing" ] || removed="$removed- note $item$nl" ;; esac
}

plan_setting() {
  word=${item% *} wanted=${item#* }
  setting_of "$have_controller" "$word"
  [ "$value" != "$wanted" ] || return 0
  changes="${changes}link set dev $device type can $item$nl"
  former=$value own=
  if setting_of "$own_notes" "can $word"; then
    own="can $word $value"
    [ "${value%% was *}" != "$former" ] || former=${value##* was }
  fi
  note="can $word $wanted was $former"
  [ "$note" != "$own" ] || return 0
  [ -z "$own" ] || removed="$removed- note $own$nl"
  case $former in '' | "$wanted") ;; *) added="$added+ note $note$nl" ;; esac
}

# What is declared no more goes back to what it was, if nobody has changed it since.
plan_stale_controller() {
  for_each "$own_notes" plan_stale_note
}

plan_stale_note() {
  case $item in 'can '*' was '*) ;; *) return ;; esac
  word=${item#can }
  word=${word%% *}
  setting_of "$want_controller" "$word" && return
  removed="$removed- note $item$nl"
  setting_of "$have_controller" "$word" && [ "$item" = "can $word $value was ${item##* }" ] || return 0
  case ${item##* } in
  *[!a-z0-9]*) ;;
  *) changes="${changes}link set dev $device type can $word ${item##* }$nl" ;;
  esac
}

plan_controller_down() {
  changes=
  plan_stale_controller
  batch=$batch$changes
}

query_controller() {
  ! has_timing || have_timing=$want_timing
  query_value can "$want_timing" "$have_timing"
  for_each "$want_controller" query_setting
}

query_setting() {
  setting_of "$have_controller" "${item% *}"
  query_value "can ${item% *}" "${item#* }" "$value"
}
