// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Referrals
 * @notice Who brings a driver, and the driver, both get tokens after the driver's first rewarded week.
 *
 *     None --accept(referee)--> Accepted --pay(anyone, with a reward leaf)--> Paid
 *     the program: Open --close(DIP)--> Closed, no more acceptances --SETTLEMENT_SECONDS--> sweep(anyone)
 *
 * The referee accepts while their device is new: within ACCEPTANCE_SECONDS of its enrolment. Each device is referred
 * once, and each account is a referee once, because a reward names an account and not a device: otherwise one driving
 * car would pay for a shelf of silent ones. The proof is a leaf of RewardPool of an epoch that ended after the
 * acceptance, whose challenge is over.
 *
 * The amounts are those in force at the acceptance; a later vote changes them for later acceptances only. The program
 * pays what it holds and no more than its cap in all: an acceptance is no claim on tokens that are not there. A payment
 * that finds the program short fails, and can be sent again when it was filled.
 *
 * What this can't see: one person with two accounts. It can only make that dear, as each payment takes a device that
 * a licensed maker signed, a week of accepted data, and an account that was never a referee. A device whose key
 * was rotated counts as new; its maker signs rotations too.
 */
interface IReferralProgram {
    /// @param referrerAmount Base units for who brought the driver.
    /// @param refereeAmount Base units for the driver.
    /// @param paidMax Base units that may be paid in all, now and before.
    struct Terms {
        uint96 referrerAmount;
        uint96 refereeAmount;
        uint96 paidMax;
    }

    /// @param referee Who accepted; zero where nobody did.
    /// @param acceptedAt Unix seconds.
    /// @param paid Whether it was paid.
    /// @param termsVersion Terms whose amounts hold.
    /// @param referrer Who is paid beside the referee.
    struct Referral {
        address referee;
        uint40 acceptedAt;
        bool paid;
        uint32 termsVersion;
        address referrer;
    }

    event ReferralAccepted(
        address indexed device,
        address indexed referee,
        address indexed referrer,
        uint256 termsVersion
    );
    event ReferralPaid(
        address indexed device,
        address indexed referee,
        address indexed referrer,
        uint256 refereeAmount,
        uint256 referrerAmount
    );
    event TermsSet(uint256 indexed version, Terms terms);
    event ProgramClosed(uint256 sweepableFrom);
    event ProgramSwept(uint256 amount);

    error NotDeviceOwner(address device, address caller);
    error DeviceNotEffective(address device);
    error DeviceNotNew(address device, uint256 acceptableUntil);
    error DeviceReferred(address device, address referee);
    error RefereeKnown(address referee, address device);
    error ReferrerInvalid(address referrer);
    error NotReferred(address device);
    error AlreadyPaid(address device);
    error EpochTooEarly(uint256 epoch, uint256 endsAt, uint256 acceptedAt);
    error RewardNotProven(uint256 epoch, uint256 index, address referee, uint256 amount);
    error ProgramShort(uint256 amount, uint256 available);
    error CapReached(uint256 amount, uint256 paid, uint256 paidMax);
    error ProgramIsClosed(uint256 closedAt);
    error NotSweepable(uint256 sweepableFrom);
    error TermsInvalid(Terms terms);

    /// @notice The owner of a new device names who brought them.
    function accept(address device, address referrer) external;

    /// @notice Pays both after a rewarded week of the referee. Anyone may send it.
    /// @param epoch An epoch of the RewardPool that ended after the acceptance.
    /// @param index Of the referee's leaf; `amount` and `proof` belong to it.
    function pay(address device, uint256 epoch, uint256 index, uint256 amount, bytes32[] calldata proof) external;

    /// @notice Changes the amounts of acceptances to come, and the cap at once. Restricted.
    /// @return version Number of these terms.
    function setTerms(Terms calldata terms) external returns (uint256 version);

    /// @notice Ends the program for good; what was accepted can be paid for SETTLEMENT_SECONDS more. Restricted.
    function close() external;

    /// @notice Sends the rest of a closed program to the treasury, after its settlement. Anyone may send it.
    function sweep() external;

    function referralOf(address device) external view returns (Referral memory);

    /// @return The device with which an account accepted its referral, or zero.
    function deviceOf(address referee) external view returns (address);

    function termsOf(uint256 version) external view returns (Terms memory);

    /// @return The terms in force; the first are 1.
    function termsVersion() external view returns (uint256);

    /// @return Base units paid so far.
    function paidTotal() external view returns (uint256);

    /// @return Unix time at which the program was closed, or zero.
    function closedAt() external view returns (uint256);
}
