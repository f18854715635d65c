-- One turn of one process at an account that several share: _account.turn, for Redis and Valkey.
--
-- KEYS[1] holds the account, ARGV[1] the ask as JSON; the answer is JSON. The rule is explained in
-- _account.py, _account_cold.py and _account_plan.py; a test plays the same histories by both and compares them.

local SLACK, HORIZON, SILENT, COLD, COMPANY = 2, 30, 3000, 500, 30000
local PAUSE, PAUSE_MOST, STEP_BACK = 1000, 60000, 1000
local EARLY, SOONEST, UNSURE, AGAIN, BEAT = 15, 5, 40, 160, 1000
local STEPS, FAR, BULK, BUCKETS = 24, 1e15, 3, 288
local LEARN, CAUTION, HASTE = 50, 0.9, 10
local EVEN, EVEN_MOST, WIDER, MANY, WITHIN = 1.05, 1.5, 1.1, 3, 1000
local HOUR, DAY = 3600000, 86400000
local LATE, APART, RESERVE, CLOSE, GUESS, LATER = 150, 0.6, 1.3, 20, 120, 2 ^ 40
local UNSAID, CALM, HOLD = 250, 0.25, 0.5

local max, min, floor = math.max, math.min, math.floor
local time = redis.call('TIME')
local wall = tonumber(time[1]) + tonumber(time[2]) / 1e6
local now = wall * 1000
local ask = cjson.decode(ARGV[1])
local packed = redis.call('GET', KEYS[1])
local is_read, state = pcall(cmsgpack.unpack, packed or '')

-- What nobody can read begins cold, as in _account_shape.py.
local function is_account()
    if not packed or not is_read or type(state) ~= 'table' then return false end
    for _, name in ipairs({ 'now', 'turn', 'day', 'last', 'gate', 'pause', 'company', 'rev' }) do
        if type(state[name]) ~= 'number' then return false end
    end
    for _, name in ipairs({ 'rates', 'places', 'owners', 'days' }) do
        if type(state[name]) ~= 'table' then return false end
    end
    return type(state.epoch) == 'string'
end
if not is_account() then state = {} end

local adopts, holds = {}, {}
for _, name in ipairs(ask.adopt) do adopts[name] = true end
for _, name in ipairs(ask.held) do holds[name] = true end
for _, report in ipairs(ask.reports) do holds[report[1]] = true end

local function places_of(visit)
    for which, places in ipairs(state.places) do
        for _, place in ipairs(places) do visit(place, state.rates[which][2]) end
    end
end

local function sum(wants) return wants[1] + wants[2] + wants[3] end

-- ---------------------------------------------------------------- cold starts

local function same_rates()
    if #state.rates ~= #ask.rates then return false end
    for which, rate in ipairs(state.rates) do
        if rate[1] ~= ask.rates[which][1] or rate[2] ~= ask.rates[which][2] then return false end
    end
    if not state.quotas or #state.quotas ~= #ask.quotas then return false end
    for which, quota in ipairs(state.quotas) do
        if quota[1] ~= ask.quotas[which][1] or quota[2] ~= ask.quotas[which][2] then
            return false
        end
    end
    return true
end

-- The server's own name for this life of it: after a restart or a failover what it has may be old,
-- and whoever calls first need not be one that has seen more. Where INFO is not allowed, the rest of
-- is_cold has to do.
local function life()
    local info = redis.pcall('INFO', 'server')
    return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
end
local run = life()

local function begin_cold()
    state.epoch = ask.owner .. '.' .. ask.call
    state.rates, state.quotas = ask.rates, {}
    for which, quota in ipairs(ask.quotas) do state.quotas[which] = { quota[1], quota[2] } end
    state.places = {}
    for which, rate in ipairs(ask.rates) do
        state.places[which] = {}
        for number = 1, rate[1] do
            state.places[which][number] =
                { free = now + rate[2] + COLD, credit = 0, site = '', owner = '', id = '' }
        end
    end
    state.owners = {}
    state.pause = 0
    state.last = now
    state.days = state.days or {}
    for _, quota in ipairs(ask.quotas) do
        state.days[quota[4]] = state.days[quota[4]] or { base = {}, counts = {}, full = 0 }
    end
    for _, day in pairs(state.days) do
        for bucket, count in pairs(day.counts) do
            local known = day.base[bucket] or { 0, 0 }
            day.base[bucket] = { known[1] + count[1], known[2] + count[2] }
        end
        day.counts = {}
    end
    state.rev = (state.rev or 0) + 1
end

local function is_cold()
    if not state.epoch or not same_rates() or now < state.now - STEP_BACK then return true end
    if state.run ~= run and (state.run or '') ~= '' and run ~= '' then return true end
    if ask.epoch == state.epoch and ask.turn > state.turn then return true end
    local is_waited_for = false
    for _, owner in pairs(state.owners) do
        if sum(owner.wants) > 0 then is_waited_for = true end
    end
    places_of(function(place) if place.owner ~= '' then is_waited_for = true end end)
    return is_waited_for and now > state.now + SILENT
end

if state.epoch and not same_rates() then
    for name, owner in pairs(state.owners) do
        if name ~= ask.owner and not adopts[name] and owner.beat > now - SILENT then
            return cjson.encode({ error = 'limits' })
        end
    end
end
-- Until when the day can have come, by a process that saw the clock go forward.
local most = ask.ahead and ask.ahead[1] and ask.ahead[1] == state.epoch and ask.ahead[2]

-- Moves with the clock what is to last for as long as was said, from then on.
local function set_clock(step)
    state.gate, state.company = (state.gate or 0) + step, (state.company or 0) + step
    local spacing = state.spacing
    if spacing then
        spacing['until'], spacing.at = spacing['until'] + step, spacing.at + step
    end
end

local before = state.now or now
if state.now and now >= before - STEP_BACK then
    state.day = state.day + max(0, now - before) / 1000
else
    state.day = max(state.day or 0, wall)
end
if most then
    local step = max(0, state.day - most)
    state.day = state.day - step
    set_clock(step * 1000)
    begin_cold()
elseif is_cold() then
    set_clock(min(0, now - before))
    begin_cold()
else
    now = max(now, before)
end
state.now, state.run = now, run
state.turn = max(state.turn or 0, ask.epoch ~= '' and ask.turn or 0) + 1

-- ---------------------------------------------------------------- owners

local function free_place(place, free, credit, site)
    place.free, place.credit, place.site, place.owner, place.id = free, credit, site, '', ''
end

local function restore(place)
    free_place(place, place.was[1], place.was[2], place.was[3])
end

local silent = {}
for name, owner in pairs(state.owners) do
    if owner.beat < now - SILENT and name ~= ask.owner then silent[#silent + 1] = name end
end
for _, name in ipairs(silent) do state.owners[name] = nil end
places_of(function(place, window)
    local holder = place.owner
    if holder ~= '' and not state.owners[holder] and not adopts[holder] and holder ~= ask.owner then
        free_place(place, place.seen + SILENT + window + SLACK, 0, '')
    end
end)

local me = state.owners[ask.owner] or { served = 0 }
state.owners[ask.owner] = me
for _, old in ipairs(ask.adopt) do
    if state.owners[old] then
        me.served = max(me.served, state.owners[old].served)
        state.owners[old] = nil
    end
end
places_of(function(place)
    if adopts[place.owner] then
        if holds[place.id] then
            place.owner = ask.owner
        else
            restore(place)
        end
    end
    if place.owner == ask.owner then place.seen = now end
end)
me.beat, me.next, me.wants = now, now, { ask.wants[1], ask.wants[2], ask.wants[3] }
if ask.wants[1] == 0 then
    me.since = 0
elseif not me.since or me.since == 0 then
    me.since = now
end

-- ---------------------------------------------------------------- the day

local function day_of(number) return state.days[ask.quotas[number][4]] end

local function bucket_of(number)
    return floor(state.day / (ask.quotas[number][2] / BUCKETS))
end

local function used(number)
    local day, total, bulk = day_of(number), 0, 0
    for _, counts in ipairs({ day.base, day.counts }) do
        for _, count in pairs(counts) do
            total, bulk = total + count[1], bulk + count[2]
        end
    end
    return total, bulk
end

local function exhaust(wait)
    local number
    for each, quota in ipairs(ask.quotas) do
        if not number or quota[2] > ask.quotas[number][2] then number = each end
    end
    if not number then return end
    local day, bucket, seconds = day_of(number), bucket_of(number), ask.quotas[number][2]
    if wait >= 0 then
        day.full = state.day + wait / 1000
        local width = seconds / BUCKETS
        bucket = min(bucket, floor((state.day + wait / 1000 - seconds - 2 * width) / width))
    end
    local missing = ask.quotas[number][1] - used(number)
    if missing > 0 then
        local count = day.counts[tostring(bucket)] or { 0, 0 }
        day.counts[tostring(bucket)] = { count[1] + missing, count[2] }
    end
    state.rev = state.rev + 1
end

local function count_one(bulk)
    local buckets = {}
    for number = 1, #ask.quotas do
        local day, bucket = day_of(number), tostring(bucket_of(number))
        if not day.counts[bucket] then state.rev = state.rev + 1 end
        local count = day.counts[bucket] or { 0, 0 }
        day.counts[bucket] = { count[1] + 1, count[2] + bulk }
        buckets[number] = bucket
    end
    return state.epoch .. '|' .. bulk .. '|' .. table.concat(buckets, ',')
end

local function left(bulk)
    local most = 2 ^ 30
    for number, quota in ipairs(ask.quotas) do
        if day_of(number).full > state.day then return 0 end
        local total, by_bulk = used(number)
        most = min(most, quota[1] - total)
        if bulk then most = min(most, quota[3] - by_bulk) end
    end
    return most
end

-- ---------------------------------------------------------------- reports

state.sites = state.sites or {}

local function credit_of_site()
    local site = state.sites[ask.site]
    if ask.min_rtt >= 0 then return site and min(ask.min_rtt, site.least) or ask.min_rtt end
    local after = LEARN
    for _, rate in ipairs(state.rates) do after = max(after, 3 * rate[1]) end
    if not site or not site.sum or site.seen < after then return 0 end
    local more = site.sum / site.seen - site.least
    return max(0, CAUTION * site.least - HASTE * more / site.seen)
end

local function learn(rtt)
    local site = state.sites[ask.site]
    -- One that an earlier version wrote has no sum: it is learned anew.
    if not site or not site.sum then site = { least = FAR, seen = 0, sum = 0 } end
    state.sites[ask.site] = site
    site.least, site.seen, site.sum = min(site.least, rtt), site.seen + 1, site.sum + rtt
    state.pause = 0
end

local function pause(at, wait)
    if wait >= 0 then
        state.gate = max(state.gate, at + wait)
    elseif at >= state.gate then
        state.pause = min(max(state.pause * 2, PAUSE), PAUSE_MOST)
        state.gate = at + state.pause
    end
end

local function correct(granted, kind, bulk)
    local epoch, was_bulk, buckets = string.match(granted, '^(.-)|(%d)|(.*)$')
    if epoch ~= state.epoch then return end
    local total, change = 0, bulk - tonumber(was_bulk)
    if kind == 'back' then total, change = -1, -tonumber(was_bulk) end
    if total == 0 and change == 0 then return end
    local number = 0
    for bucket in string.gmatch(buckets, '[^,]+') do
        number = number + 1
        local day = ask.quotas[number] and day_of(number)
        if day and day.counts[bucket] then
            local count = day.counts[bucket]
            day.counts[bucket] = { count[1] + total, count[2] + change }
            state.rev = state.rev + 1
        end
    end
end

local function note_answer(sent, at, refused)
    local known = state.spacing
        or { by = 0, ['until'] = 0, next = HOUR, answers = 0, refused = {}, at = 0 }
    state.spacing = known
    known.answers = known.answers + 1
    if not refused or sent <= known.at then return end
    known.at = at
    known.refused[#known.refused + 1] = known.answers
    if #known.refused > MANY then table.remove(known.refused, 1) end
    if #known.refused < MANY or known.answers - known.refused[1] >= WITHIN then return end
    known.refused = {}
    local is_spaced = known['until'] > at
    known.by = is_spaced and min(known.by * WIDER, EVEN_MOST) or EVEN
    known['until'] = at + known.next
    known.next = min(known.next * 2, DAY)
end

local sent = 0
for _, report in ipairs(ask.reports) do
    local name, age, kind, rtt, wait, bulk, granted = unpack(report)
    local at = now - age
    local held, is_new = {}, #state.places == 0
    places_of(function(place, window)
        if place.id == name then
            held[#held + 1], is_new = { place, window }, true
        end
    end)
    if kind == 'ok' and is_new then
        learn(rtt)
    elseif kind == 'refused' then
        pause(at, wait)
    elseif kind == 'day' then
        exhaust(wait)
    end
    for _, each in ipairs(held) do
        local place, window = each[1], each[2]
        if kind == 'back' then
            restore(place)
        else
            sent = max(sent, place.free)
            local credit = kind == 'ok' and min(credit_of_site(), rtt) or 0
            free_place(place, at + window + SLACK, credit, ask.site)
        end
    end
    if is_new and (kind == 'ok' or kind == 'none' or kind == 'refused') then
        note_answer(at - rtt, at, kind == 'refused')
    end
    if is_new then correct(granted, kind, bulk) end
end
if sent > 0 then
    local known, found = me.cycle or 0, now - sent
    local calm = known == 0 and found or max(found, known + CALM * (found - known))
    me.cycle = sum(me.wants) > 0 and calm or 0
end
me.site, me.credit = ask.site, credit_of_site()

for number, remembered in ipairs(ask.memory) do
    local day = ask.quotas[number] and day_of(number)
    if day then
        day.full = max(day.full, remembered[1])
        for _, each in ipairs(remembered[2]) do
            local bucket = tostring(each[1])
            local known = day.base[bucket] or { 0, 0 }
            day.base[bucket] = { max(known[1], each[2]), max(known[2], each[3]) }
        end
        state.rev = state.rev + 1
    end
end
for number, quota in ipairs(ask.quotas) do
    local oldest = floor((state.day - quota[2]) / (quota[2] / BUCKETS)) - 2
    for _, counts in ipairs({ day_of(number).base, day_of(number).counts }) do
        local gone = {}
        for bucket in pairs(counts) do
            if tonumber(bucket) <= oldest then gone[#gone + 1] = bucket end
        end
        for _, bucket in ipairs(gone) do
            counts[bucket] = nil
            state.rev = state.rev + 1
        end
    end
end
if ask.company == 1 then state.company = now + COMPANY end

-- ---------------------------------------------------------------- the plan

local wants, served, since, skipped, last, turns = {}, {}, {}, {}, state.last, LATER
local back, cycles = {}, {}
for name, owner in pairs(state.owners) do
    wants[name] = { owner.wants[1], owner.wants[2], owner.wants[3] }
    served[name], since[name] = owner.served, owner.since
    back[name], cycles[name] = {}, name ~= ask.owner and owner.cycle or 0
end
local spacing = state.spacing and state.spacing['until'] > now and state.spacing.by or 0
local unsaid = sum(ask.wants) <= 1 and UNSAID or 0
local planned = {}
for which, places in ipairs(state.places) do
    planned[which] = {}
    for number, place in ipairs(places) do
        if place.owner == '' then
            planned[which][number] = { place.free, place.credit, place.site, true }
        else
            local free = max(now - unsaid, place.free + GUESS) + state.rates[which][2]
            planned[which][number] = { free, 0, '', false }
        end
    end
end
if spacing == 0 and state.company <= now then
    for _, place in ipairs(state.places[1] or {}) do
        local cycle = cycles[place.owner] or 0
        if cycle > 0 and place.free + cycle + LATE >= now then
            table.insert(back[place.owner], place.free + cycle)
        end
    end
end

local function is_before(one, other)
    local first, second = wants[one][1] > 0, wants[other][1] > 0
    if first ~= second then return first end
    local by = first and since or served
    if by[one] ~= by[other] then return by[one] < by[other] end
    return one < other
end

local function next_owner()
    local found
    for name, each in pairs(wants) do
        local waits = sum(each) > 0 or #back[name] > 0
        if waits and not skipped[name] and (not found or is_before(name, found)) then
            found = name
        end
    end
    return found
end

local function lane_of(name)
    for lane = 1, 3 do
        if wants[name][lane] > 0 then return lane end
    end
    return 2
end

-- Which of those moments is the first.
local function soonest(moments)
    local found = 1
    for number, moment in ipairs(moments) do
        if moment < moments[found] then found = number end
    end
    return found
end

local function due(name, lane)
    local owner, moment, chosen, is_sure = state.owners[name], max(state.gate, now), {}, true
    local is_in_company = lane > 1 and state.company > now
    local is_back_later = sum(wants[name]) == 0
    if is_back_later then moment = max(moment, back[name][soonest(back[name])]) end
    for which, places in ipairs(planned) do
        local limit, window = state.rates[which][1], state.rates[which][2]
        local dues = {}
        for number, place in ipairs(places) do
            local credit = place[3] == owner.site and min(place[2], owner.credit) or 0
            dues[number] = { place[1] - credit, number }
        end
        table.sort(dues, function(one, other)
            if one[1] ~= other[1] then return one[1] < other[1] end
            return one[2] < other[2]
        end)
        local first = dues[1]
        if is_back_later then -- the one that has to be kept for it the shortest
            for _, each in ipairs(dues) do
                if each[1] <= moment then first = each end
            end
            if moment - max(first[1], now) > HOLD * window then return nil end
        end
        chosen[which] = first[2]
        is_sure = is_sure and places[first[2]][4]
        moment = max(moment, first[1])
        local step = window / limit
        if spacing > 0 and step > CLOSE then moment = max(moment, last + spacing * step) end
        if is_in_company then
            if step > CLOSE then moment = max(moment, last + APART * step) end
            for number = 1, min(2, #dues - 1) do
                moment = max(moment, dues[number + 1][1] - RESERVE * step * number)
                is_sure = is_sure and places[dues[number + 1][2]][4]
            end
        end
    end
    return moment, chosen, is_sure
end

local function use(name, lane, moment, chosen)
    for which, number in ipairs(chosen) do
        planned[which][number] = { moment + GUESS + state.rates[which][2], 0, '', false }
    end
    last, turns = moment, turns + 1
    served[name] = turns
    if sum(wants[name]) > 0 then
        wants[name][lane] = wants[name][lane] - 1
    else
        table.remove(back[name], soonest(back[name]))
    end
    if cycles[name] > 0 then table.insert(back[name], moment + cycles[name]) end
    if lane == 1 then since[name] = moment end
end

local function grant(lane, moment, chosen, number)
    local id = ask.owner .. '.' .. ask.call .. '.' .. number
    for which, each in ipairs(chosen) do
        local place = state.places[which][each]
        place.was = { place.free, place.credit, place.site }
        place.owner, place.id, place.seen, place.free = ask.owner, id, now, moment
    end
    state.last = moment
    state.served = (state.served or 0) + 1
    me.served = state.served
    me.wants[lane] = me.wants[lane] - 1
    if lane == 1 then me.since = now end
    return { id, moment - now, lane - 1, count_one(lane == BULK and 1 or 0) }
end

local grants = {}

local function plan()
    local all, by_bulk = left(false), left(true)
    if all <= 0 then return BEAT end
    if by_bulk <= 0 then wants[ask.owner][BULK] = 0 end
    for _ = 1, STEPS do
        local name = next_owner()
        if not name or sum(wants[ask.owner]) == 0 then break end
        local lane = lane_of(name)
        local moment, chosen, is_sure = due(name, lane)
        if name ~= ask.owner then
            local calls = state.owners[name].next
            local comes = moment and now - LATE <= calls and calls <= moment + LATE
            if sum(wants[name]) == 0 then comes = moment end
            if comes then
                use(name, lane, moment, chosen)
            else
                skipped[name] = true
            end
        elseif not is_sure or moment > now + HORIZON then
            return min(max(moment - now - EARLY, is_sure and SOONEST or UNSURE), BEAT)
        else
            if all <= 0 or (lane == BULK and by_bulk <= 0) then break end
            all = all - 1
            if lane == BULK then by_bulk = by_bulk - 1 end
            grants[#grants + 1] = grant(lane, moment, chosen, #grants)
            use(name, lane, moment, chosen)
        end
    end
    return sum(wants[ask.owner]) > 0 and AGAIN or BEAT
end

local after = plan()
me.next = now + after
if ask.leaves == 1 then state.owners[ask.owner] = nil end

-- ---------------------------------------------------------------- the answer

local in_use = {}
for which, places in ipairs(state.places) do
    local busy, soonest = 0, -1
    for _, place in ipairs(places) do
        local free = place.free - now
        if place.owner ~= '' then
            busy = busy + 1
        elseif free > 0 then
            busy = busy + 1
            soonest = soonest < 0 and free or min(soonest, free)
        end
    end
    in_use[which] = { busy, soonest }
end
local is_known = ask.rev == state.rev and ask.epoch == state.epoch
local days, longest = {}, 0
for number, quota in ipairs(ask.quotas) do
    longest = max(longest, quota[2])
    local day, newest = day_of(number), tostring(bucket_of(number))
    local buckets = { [newest] = true }
    if not is_known then
        for bucket in pairs(day.base) do buckets[bucket] = true end
        for bucket in pairs(day.counts) do buckets[bucket] = true end
    end
    local counts = {}
    for bucket in pairs(buckets) do
        local base, since = day.base[bucket] or { 0, 0 }, day.counts[bucket] or { 0, 0 }
        counts[#counts + 1] = { tonumber(bucket), base[1] + since[1], base[2] + since[2] }
    end
    days[number] = { state.day, day.full, is_known and 0 or 1, counts }
end
redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', floor(longest * 2000 + 3600000))
return cjson.encode({
    epoch = state.epoch,
    turn = state.turn,
    clock = state.day,
    grants = grants,
    next = after,
    company = max(0, state.company - now),
    places = in_use,
    rev = state.rev,
    days = days,
})
