/// Word lists of the ``Lexicon``, in small letters.
enum Vocabulary {
    static let lists: [(Lexicon.Traits, String)] = [
        (.month, months), (.givenName, givenNames), ([.givenName, .ambiguousName], ambiguousNames),
        (.streetSuffix, streetSuffixes), (.unit, units), (.state, states), (.credential, credentials),
        (.particle, "de da di del della la le van von der den ten ter bin ibn al el dos du st o mac mc"),
        (.common, common), (.years, "year years yr yrs yo y"),
    ]

    static let months = """
        january february march april may june july august september october november december jan feb mar apr \
        jun jul aug sep sept oct nov dec
        """

    /// Number of a month by the first three letters of its name, in small letters.
    static func monthNumber(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
        let names = Array("janfebmaraprmayjunjulaugsepoctnovdec".utf8)
        for month in 0..<12
        where names[3 * month] == first && names[3 * month + 1] == second && names[3 * month + 2] == third {
            return month + 1
        }
        return 0
    }

    /// Common given names of the United States.
    static let givenNames = """
        beth brendan brianna renee michaela \
        james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony \
        donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob \
        gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick \
        raymond dennis jerry tyler aaron jose henry adam douglas nathan peter zachary kyle noah ethan jeremy walter \
        christian keith roger terry austin sean gerald carl harold dylan arthur lawrence jordan jesse bryan billy \
        bruce gabriel joe logan albert willie alan eugene randy wayne philip russell vincent louis bobby johnny \
        bradley mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret \
        sandra ashley kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon \
        laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine \
        debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia kelly lauren \
        christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann anne sara \
        madison frances kathryn janice jean alice abigail sophia isabella doris judy marie julia beverly theresa \
        denise marilyn amber danielle brittany diana natalie rose lori kayla alexis tiffany tammy tracy dana crystal \
        erin wendy jamie shannon leslie melanie holly kristen kristin erica monica veronica valerie stacy april \
        vanessa regina sally miguel carlos juan luis antonio pedro jorge alejandro francisco manuel fernando ricardo \
        roberto rafael javier sergio eduardo oscar hector ana carmen rosa lucia elena sofia isabel gabriela adriana \
        marcus derek travis corey shane jared craig chad troy cody dustin alex adrian ian evan cameron lucas mason \
        liam oliver elijah mia charlotte amelia harper evelyn ella chloe grace zoe lily leah audrey claire lillian \
        jill tina robin dawn kim rhonda tara melinda kathy connie cindy debbie sherry paula annette bonnie ellen \
        edith ethel florence gladys hazel irene josephine lois lucille marion marjorie mildred norma pauline phyllis \
        thelma wanda bernard calvin chester clarence clifford clyde earl edwin ernest floyd francis fred frederick \
        gilbert glen gordon harry harvey herbert herman howard hugh ivan jack jackie jay jerome jim jimmy jonathon \
        julian karl kurt lance lee leo leon leonard leroy leslie lester lewis lloyd lonnie luke lynn marc mario \
        martin marvin maurice max melvin micheal mike milton mitchell morris nathaniel neil nelson nick norman \
        omar pablo ramon randall ray rene reginald rick rodney roland ron ross ruben salvador sam shawn sidney \
        stanley stuart ted theodore tim toby todd tom tommy tony tracey trevor tyrone vernon victor warren wesley \
        xavier yvonne yolanda wei ming li mei yuki hiroshi raj priya anil sunita mohammed muhammad ahmed fatima \
        aisha omar hassan ali olga natasha ivan dmitri sergei giovanni marco luca giulia pierre jacques francois \
        hans klaus ingrid bjorn sven kenji akira jing xiao tanya tonya alicia alyssa angelica bethany bianca \
        brandi brandy breanna briana caitlin candace carla carrie casey cassandra cassidy cathy chelsea christy \
        claudia colleen courtney daisy deanna desiree ebony elaine eileen erika felicia gina glenda gwendolyn \
        haley heidi jaclyn jaime jane jasmine jeanette jenna jenny jo jodi joann joanna jocelyn kaitlin kaitlyn \
        kara kari karla kathie katie katrina kayla kelli kellie kelsey kendra kerri kirsten krista kristi kristina \
        kristy latoya latasha leah lindsay lindsey loretta lorraine lydia mackenzie mallory mandy marcia margie \
        maureen meghan mercedes miranda misty molly monique morgan nina paige peggy penny raven roberta rita sabrina \
        shelby shelia sheila sheri sherri sierra sonia sonya stacey stacie stefanie sue summer suzanne sylvia tamara \
        tanner tasha taylor toni traci trisha vicki vickie victoria vivian whitney brent brett blake bill bob brad \
        cesar clayton clinton colin cole colton connor cory curtis dakota dale damon dan darius darrell darren \
        darryl daryl dave dean derrick devin devon dillon dominic don drew duane dwayne edgar edwin erik ernesto \
        frank franklin garrett gavin geoffrey gerardo grant guy hayden hunter isaac isaiah jackson jake jaime javon \
        jeff jeffery jermaine jesus jimmie joel johnathan jon jonathon jorge josh julio karl kristopher kent kirk \
        malik mathew maxwell micah morgan nicolas orlando parker perry phillip preston ralph raul reginald rickey \
        ricky riley rob robert rodney roy spencer steve tristan trevor tyler wyatt
        """

    /// Given names that are words, titles or places as well.
    static let ambiguousNames = """
        may will mark bill grace hope faith rose art frank grant jack dawn april june august summer penny crystal \
        amber holly robin guy earl dean jay ray max lee drew dale glen clay chase hunter parker mason cole jordan \
        austin dallas madison virginia carolina georgia florence charlotte sydney victoria mercedes taylor morgan \
        logan cameron kent perry ross scott todd young kim an do so long lily daisy ruth li jo tom van lance pat \
        sue chad carol jean ivan raven sierra paige wayne melody misty brandy ebony jasmine hazel ali mei ming wei \
        roman case lane don rob nick rich curt ward love marion dakota cody kelly casey jesus christian leslie
        """

    /// Street suffixes and their common abbreviations (USPS Publication 28, appendix C1).
    static let streetSuffixes = """
        alley aly avenue ave av bayou beach bend bluff bluffs bottom boulevard blvd branch bridge brook brooks burg \
        burgs bypass camp canyon cape causeway center centers circle cir circles cliff cliffs club common commons \
        corner corners course court ct courts cove coves creek crescent crest crossing crossroad crossroads curve \
        dale dam divide drive dr drives estate estates expressway expy extension extensions fall falls ferry field \
        fields flat flats ford fords forest forge forges fork forks fort freeway fwy garden gardens gateway glen \
        glens green greens grove groves harbor harbors haven heights highway hwy hill hills hollow inlet island \
        islands isle junction junctions key keys knoll knolls lake lakes land landing lane ln light lights loaf \
        lock locks lodge loop mall manor manors meadow meadows mews mill mills mission motorway mount mountain \
        mountains neck orchard oval overpass park parks parkway pkwy parkways pass passage path pike pine pines \
        place pl plain plains plaza plz point points port ports prairie radial ramp ranch rapid rapids rest ridge \
        ridges river road rd roads route row rue run shoal shoals shore shores skyway spring springs spur spurs \
        square sq squares station stravenue stream street st streets summit terrace ter throughway trace track \
        trafficway trail trl tunnel turnpike underpass union unions valley valleys via viaduct view views village \
        villages ville vista walk walks wall way ways well wells
        """

    static let units = "apt apartment suite ste unit floor fl bldg building dept lot"

    /// Codes and names of one word.
    static let states = """
        aa ae ap fm mh pw al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok \
        or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr gu vi as mp alabama alaska arizona arkansas california \
        colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana \
        maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma \
        oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming
        """

    static let credentials = """
        md do rn np pa phd dds dmd pharmd lpn msw lcsw facs mbbs crna cnm aprn dnp dpm dvm esq rph otr psyd mph facp
        """

    static let common = """
        the this that these those there then he she it they we i you his her its their our my your a an and or but \
        if in on at by for from to of with without no not none new old is was are were be been has had have will \
        would may can could should do does did pain blood heart chest lung left right upper lower acute chronic \
        patient patients male female man woman denies reports states presents history exam assessment plan labs \
        medications allergies diagnosis unknown disease syndrome hospital clinic medical center emergency room \
        department unit ward medicine surgery call called calls follow up seen admitted discharged when where who \
        what which while after before during also please see start stop continue take today yesterday tomorrow \
        daily weekly note notes date time name address phone fax email number record records health plan insurance \
        case order lab result results test tests normal abnormal positive negative electronically signed verified \
        reviewed monday tuesday wednesday thursday friday saturday sunday however therefore \
        additionally previously recently currently meanwhile overall otherwise street road avenue identity
        """
}
