package import API

extension TimeWindow {
    /// Whether a moment lies in the window: seconds since 1970-01-01 00:00 UTC, a Thursday.
    package func contains(_ now: Int64) -> Bool {
        let minute = (now &+ Int64(offset) * 60).flooredQuotient(by: 60)
        let day = minute.flooredQuotient(by: 1440)
        let time = Int(minute - day * 1440)
        let weekday = Int((day + 3) - (day + 3).flooredQuotient(by: 7) * 7)
        if start < end { return holds(weekday) && (start..<end).contains(time) }
        return (holds(weekday) && time >= start) || (holds((weekday + 6) % 7) && time < end)
    }

    private func holds(_ weekday: Int) -> Bool {
        days.contains { $0.rawValue == weekday }
    }
}

extension [TimeWindow] {
    /// Whether what runs only within the windows may run: where there are none, at any time. Seconds since 1970.
    package func areOpen(at now: Int64) -> Bool {
        isEmpty || contains { $0.contains(now) }
    }

    /// The next moment after `now` at which one of them opens; `nil` when that is not before `end`. Windows open and
    /// close at whole minutes.
    package func opening(after now: Int64, before end: Int64) -> Int64? {
        var moment = (now.flooredQuotient(by: 60) + 1) * 60
        while moment < end {
            if areOpen(at: moment) { return moment }
            moment += 60
        }
        return nil
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
